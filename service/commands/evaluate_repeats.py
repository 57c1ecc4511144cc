"""fenban evaluate repeats and scale: matters and relations with peers, and how time and memory grow."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from service.commands.evaluate_checks import check_engines, check_json, check_plot


def run_repeats(options: argparse.Namespace) -> int:
    """Prints the figures of repeats, those of clusters in a file, and of peers at their best threshold on dev."""
    from corpus.readers import read_petitions
    from corpus.records import Petition
    from models.evaluate import figures_table, peers_table
    from models.evaluate_repeats import cluster_figures, peer_figures, repeats_report
    from models.repeat_scale import plot_scale, scale_figures
    from models.repeats import RepeatFinder

    check_json(options.json)
    check_plot(options.plot)
    finder = RepeatFinder.load(options.models)
    report = repeats_report(finder)
    figures: dict[str, Any] = {"fenban": report.metrics}
    print(report.text)
    if options.clusters is not None:
        found = [item for item in read_petitions(options.clusters) if isinstance(item, Petition)]
        clusters = [str(item.extra.get("gold_seed", "")) for item in found]
        figures["clusters"] = cluster_figures(finder, found, clusters)
        for name, one in figures["clusters"].items():
            print(f"### Clusters: {name}\n\n{figures_table(one)}\n")
    figures["peers"], missing = peer_figures(finder.comparer.tokeniser)
    for line in missing:
        print(f"fenban: {line}", file=sys.stderr)
    print(f"### Peers on the test split, at their best threshold on dev\n\n{peers_table(figures['peers'])}")
    figures["scale"] = {}
    for size, one in scale_figures(sorted(options.scale)):
        figures["scale"][size] = one
        print(f"\n### {size:,} petitions\n\n{figures_table(one)}", flush=True)
    if options.plot is not None:
        plot_scale(figures["scale"], options.plot)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


def run_scale(options: argparse.Namespace) -> int:
    """Prints seconds and gigabytes of the commands for every size and engine."""
    from models.evaluate import figures_table
    from service.growth import figures_for_json, growth_figures, plot_growth

    check_json(options.json)
    check_plot(options.plot)
    check_engines(options.engines)
    figures = []
    for size, engine, one in growth_figures(sorted(options.sizes), options.engines, options.commands):
        figures.append((size, engine, one))
        print(f"### {size:,} petitions, {engine}\n\n{figures_table(one)}\n", flush=True)
        if options.json is not None:
            options.json.write_text(json.dumps(figures_for_json(figures), ensure_ascii=False, indent=1) + "\n", "utf-8")
    if options.plot is not None:
        plot_growth(figures, options.plot)
    return 0
