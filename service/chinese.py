"""Why a file, a row or a job was not read, in Chinese: for the pages and for the tables that clerks open.

The readers, like the command line and the HTTP interface, speak English; `{}` stands for what differs each time.
"""

from __future__ import annotations

import re

_AS_DOCX = "请用 Word 或 WPS 打开，另存为 docx"
_ENGLISH_AS_DOCX = "open it in Word or WPS and save it as docx (另存为 docx)"
_WORKBOOK = "不是能读的 xlsx 工作簿（已损坏，或加了密码）"

_ROWS = {
    "no text in this row": "这一行没有正文",
    "no rows": "没有内容",
    "no rows below the header": "表头下面没有内容",
    "none of the {} columns is known as text; name one of them text or 内容": (
        "{0} 列里认不出哪一列是正文，请把正文列的表头改为“内容”"
    ),
    "more cells than headers; those are not read": "单元格比表头多，多出的没有读",
    "characters that are not valid Unicode in {}, replaced by U+FFFD": "{0}里有坏字符，已用 � 代替",
    "the line is longer than {} characters and was skipped": "这一行超过 {0} 字，已跳过",
    "a quotation mark is opened and never closed; this line was skipped": "引号没有配对，这一行已跳过",
    "not readable as csv ({})": "不是能读的 csv 行",
    "not valid JSON at column {}": "不是有效的 JSON（第 {0} 列起）",
    "not valid JSON": "不是有效的 JSON",
    "a JSON object is expected, not {}": "每行应是一个 JSON 对象",
    "a value after row {} cannot be read ({})": "第 {0} 行之后有读不出的值（{1}）",
    "longer than the store holds: {}": "字段太长，存不下：{0}",
    "no suggestion: fenban failed at this petition ({}); sort it by hand and report the fault": (
        "没有建议：程序读这封信时出错，请人工分办，并告诉管理员"
    ),
}
_TABLES = {
    "the workbook has no rows": "工作簿里没有内容",
    "not a readable xlsx workbook (damaged, or protected by a password)": _WORKBOOK,
    "has more than {} sheets; split the workbook": "工作表超过 {0} 张，请拆成几个工作簿",
    "unpacks to more than 1 GB; refused": "解压后超过 1 GB，不读",
    "a sheet with a cell far outside the others; delete that cell": "有一张表在很远处有个单元格，请把它删掉",
    "not a readable parquet file": "不是能读的 parquet 文件",
}
_FILES = {
    "no such file": "没有这个文件",
    "is a folder; name the files in it": "是文件夹，请选其中的文件",
    "the file is empty": "文件是空的",
    "there is no text in it": "里面没有文字",
    "cannot be read ({})": "无法读取（{0}）",
    "unknown suffix {}; fenban reads {}": "不能读 {0} 文件；能读的是 {1}",
    "unknown suffix {}; documents are read from {}": "不能当作报告读 {0} 文件；能读的是 {1}",
    "longer than {} characters; split it": "超过 {0} 字，请拆开",
    "the text is longer than {} characters; split it into its petitions": "正文超过 {0} 字，请按来信拆开",
    "larger than {} MB; save the page without its pictures": "超过 {0} MB，请把网页存成不带图片的",
}
_DOCUMENTS = {
    f"protected by a password; remove it and {_ENGLISH_AS_DOCX}": f"加了密码；去掉密码后，{_AS_DOCX}",
    f"an old doc file by its content; {_ENGLISH_AS_DOCX}": f"其实是旧的 doc 文件；{_AS_DOCX}",
    f"not a readable docx file (damaged or of another format); {_ENGLISH_AS_DOCX}": (
        f"不是能读的 docx（已损坏，或是别的格式）；{_AS_DOCX}"
    ),
    f"nested too deep for a document; {_ENGLISH_AS_DOCX}": f"层次嵌套太深；{_AS_DOCX}",
    f"{{}} files are not read; {_ENGLISH_AS_DOCX}": f"不能读 {{0}} 文件；{_AS_DOCX}",
    "a part of it unpacks to more than {} MB; split it": "其中一部分解压后超过 {0} MB，请拆开",
    "declares entities of its own, which no word processor does; refused": "含有文字处理软件不会写的实体声明，不读",
    "not a readable pdf file (damaged); open it in a pdf reader and print it to a new file": (
        "不是能读的 pdf（已损坏）；请用阅读器打开，打印成新的 pdf"
    ),
    "a scan without a text layer; run it through text recognition (文字识别) first": "是扫描件，请先做文字识别",
    "its fonts do not tell which characters they show; run it through text recognition (文字识别) first": (
        "字体没有说明显示的是哪些字；请先做文字识别"
    ),
    "protected by a password; save it without one": "加了密码；请另存为不带密码的",
    "more than {} pages; split it": "超过 {0} 页，请拆开",
    "{} pages without text (scans or empty) were left out: {}": "有 {0} 页没有文字（扫描或空白），没有读：第 {1} 页",
    "no finding in it": "没有读出问题",
}
_JOBS = {
    "no row could be read; the problems of the job say why": "没有一行读成，原因见下",
    "every worker that took it up died at the same place; see its last row, and the worker's log": (
        "多次处理都在同一处中断；请把中断处的那一行或那份文件取出再试，并请管理员查看日志"
    ),
    "a row soon after number {} holds what the database cannot keep; take it out and send the file again": (
        "第 {0} 件之后不远处有数据库存不下的内容，请取出那一行，重新上传"
    ),
    "no model is loaded": "没有载入模型，请管理员查看“管理”里的“模型”",
    "the upload is not in this worker's data folder; all machines must share FENBAN_DATA": (
        "处理的机器上没有这个文件；各台机器要共用数据目录（FENBAN_DATA），请告诉管理员"
    ),
    "This is no zip archive that can be read; make it anew": "压缩包读不了，请重新打包",
    "{}: xlsx holds {} rows; write csv, jsonl or parquet": "一张 Excel 表最多 {1} 行，请把结果格式改为 csv",
    "{}: xlsx holds {} columns, not {}; write csv or jsonl": "一张 Excel 表最多 {1} 列，请把结果格式改为 csv",
    "{}: cannot be written ({})": "结果写不进磁盘（{1}），请告诉管理员",
}
_WITHIN = {
    **{"id": "编号", "received": "收件日期", "channel": "来源", "petitioner": "信访人", "phone": "电话"},
    **{"address": "住址", "title": "标题", "text": "正文", "at most": "最多", "characters": "字", ", ": "、"},
}
"""Fields and words inside a reason; 、 between what is listed."""
_WORDS = re.compile("|".join(rf"(?<!\.)\b{word}\b" if word.strip(", ") else word for word in _WITHIN))
_END = r"(?:; |$)"
"""Several repairs of one row are told in one line."""


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, english.split("{}"))) + _END, re.DOTALL)


_TOLD = [
    (_pattern(english), chinese)
    for part in (_ROWS, _TABLES, _FILES, _DOCUMENTS, _JOBS)
    for english, chinese in part.items()
]


def in_chinese(reason: str) -> str:
    """A reason as clerks read it; one that is not known here, or is Chinese already, as it stands."""
    for pattern, chinese in _TOLD:
        if found := pattern.match(reason):
            said = chinese.format(*map(_within, found.groups()))
            rest = reason[found.end() :]
            return f"{said}；{in_chinese(rest)}" if rest else said
    return reason


def _within(words: str) -> str:
    return _WORDS.sub(lambda found: _WITHIN[found[0]], words)
