from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.people import people_lists
from nlp.people import NAME, POST, SPECIAL, TITLED, find_candidates
from nlp.tokenise import Tokeniser

KINDS = {NAME: "name", SPECIAL: "special", TITLED: "titled", POST: "post"}


def candidates(text: str, tokeniser: Tokeniser, gaps: frozenset[int] = frozenset()) -> dict[str, str]:
    found = find_candidates(text, tokeniser.cut(text), people_lists(), tokeniser.knows, gaps)
    return {one.text: KINDS[one.kind] for one in found}


@pytest.mark.parametrize(
    ("text", "form", "kind"),
    [
        ("村支书刘大志收了钱", "刘大志", "name"),
        ("刘大志书记收了钱", "刘大志", "name"),
        ("刘书记收了钱", "刘书记", "titled"),
        ("我去找傅副局长", "傅副局长", "titled"),
        ("组长老周领着人", "老周", "special"),
        ("会计赵某某扣了钱", "赵某某", "special"),
        ("村民张××反映", "张××", "special"),
        ("隔壁谈婆婆说", "谈婆婆", "special"),
        ("那个姓贾的同志", "姓贾的同志", "special"),
        ("周家老二送来的", "周家老二", "special"),
        ("人称“周麻子”", "周麻子", "special"),
        ("我叫田冬狗，是七组的", "田冬狗", "name"),
        ("监委会主任从没来过", "监委会主任", "post"),
        ("书记欧阳明说", "欧阳明", "name"),
        ("我叫诸葛明亮，住在三组", "诸葛明亮", "name"),
        ("我叫诸葛亮，住在三组", "诸葛亮", "name"),
        ("反映人诸葛小军", "诸葛小军", "name"),
        ("村支书诸葛建国收了钱", "诸葛建国", "name"),
        ("诸葛建国书记收了钱", "诸葛建国", "name"),
        ("反映会计欧阳文斌贪污", "欧阳文斌", "name"),
        ("欧阳翠花把钱领走了", "欧阳翠花", "name"),
        ("村主任慕容复海打人", "慕容复海", "name"),
        ("欧阳书记收了钱", "欧阳书记", "titled"),
        ("司徒副局长在场", "司徒副局长", "titled"),
        ("会计欧阳某扣了钱", "欧阳某", "special"),
        ("老欧阳领着人", "老欧阳", "special"),
        ("那个姓欧阳的同志", "姓欧阳的同志", "special"),
        ("欧阳婆婆说", "欧阳婆婆", "special"),
    ],
)
def test_people_are_among_the_candidates(text: str, form: str, kind: str, tokeniser: Tokeniser) -> None:
    assert candidates(text, tokeniser).get(form) == kind


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("村支书诸葛建国收了钱", "诸葛"),
        ("诸葛建国书记收了钱", "葛建国"),
        ("欧阳书记收了钱", "阳书记"),
        ("会计欧阳某扣了钱", "阳某"),
        ("老欧阳领着人", "老欧"),
    ],
)
def test_a_surname_of_two_characters_is_not_parted(text: str, part: str, tokeniser: Tokeniser) -> None:
    assert part not in candidates(text, tokeniser)


def test_the_post_beside_a_name_comes_with_its_rank(tokeniser: Tokeniser) -> None:
    text = "龙泉镇副镇长裘向东签的字"
    found = {one.text: one for one in find_candidates(text, tokeniser.cut(text), people_lists(), tokeniser.knows)}
    assert (found["裘向东"].post, found["裘向东"].rank) == ("镇副镇长", "town")


def test_what_ends_the_line_before_is_no_part_of_a_post(tokeniser: Tokeniser) -> None:
    text = "我反映村监委会\n监委会主任郝启良"
    found = {one.text: one for one in find_candidates(text, tokeniser.cut(text), people_lists(), tokeniser.knows)}
    assert found["郝启良"].post == "监委会主任"


def test_names_under_a_letter_whose_blanks_were_taken_out(tokeniser: Tokeniser) -> None:
    text = "请查清楚。\n柏春林孙立业王长贵"
    assert {"柏春林", "孙立业", "王长贵"} <= candidates(text, tokeniser, frozenset({9, 12})).keys()


@given(st.text(st.sampled_from("老小姓王周和水大明书记会计副村支某×先生外号“”，\n 的一X"), max_size=40))
def test_every_span_holds_the_form(tokeniser: Tokeniser, text: str) -> None:
    for one in find_candidates(text, tokeniser.cut(text), people_lists(), tokeniser.knows):
        assert one.spans
        assert all(text[start:end] == one.text for start, end in one.spans)
