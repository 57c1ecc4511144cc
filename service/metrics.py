"""Figures for Prometheus. Labels are routes, methods, statuses and states: nothing that a person could be known by."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.base import now
from service.store.engine import Store
from service.store.job_tables import QUEUED, RUNNING, JobRow

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """The figures of one application; each application counts for itself."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.seconds = Histogram(
            "fenban_request_seconds", "time to answer", labels, buckets=SECONDS, registry=self.registry
        )
        self.suggestions = Counter("fenban_suggestions", "petitions that were read", registry=self.registry)
        self.ready = Gauge("fenban_model_loaded", "1 where a model is loaded", registry=self.registry)

    def text(self, store: Store | None) -> bytes:
        """All figures in Prometheus' text format; those of the queue are asked of the database."""
        queue = CollectorRegistry()
        if store is not None:
            with store.read() as session:
                queue.register(_Queue(session))
                return generate_latest(self.registry) + generate_latest(queue)
        return generate_latest(self.registry)


class _Queue(Collector):
    """How many jobs there are in each state, how long the oldest has waited, which ones nobody works on any more."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Asks the database."""
        states = GaugeMetricFamily("fenban_jobs", "jobs by state", labels=["state"])
        for state, count in self._session.execute(select(JobRow.state, func.count()).group_by(JobRow.state)):
            states.add_metric([state], count)
        yield states
        oldest = self._session.scalar(select(func.min(JobRow.created_at)).where(JobRow.state == QUEUED))
        waited = (now() - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily("fenban_jobs_oldest_wait_seconds", "how long the oldest job has waited", waited)
        left = select(func.count()).where(JobRow.state == RUNNING, JobRow.lease_until < now())
        yield GaugeMetricFamily("fenban_jobs_left", "jobs whose worker gives no sign", self._session.scalar(left) or 0)
