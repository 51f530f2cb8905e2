"""Words people write into forms: those that stand for “no name” (女士, 散客, test), titles, and words for a gender."""

from __future__ import annotations

import re
import unicodedata

from dianke.core.names import fold

_WORDS = """
女士 先生 小姐 太太 老板 老板娘 美女 帅哥 亲 阿姨 叔叔 大哥 大姐 顾客 客户 客人 会员 散客 新客 老客
无 无名 无名氏 没有 未知 不详 匿名 佚名 保密 测试 测试用户 空 暂无 用户 微信用户 某人 路人
null none test na n/a unknown anonymous nobody customer guest member walk-in walkin mr mrs ms miss
"""
_NO_NAMES = frozenset(fold(word) for word in _WORDS.split())
_TITLES = re.compile(
    r"(?:女士|先生|小姐|太太|老师|老板娘?|总|经理|阿姨|叔叔|同学|医生|mr\.?|mrs\.?|ms\.?|miss)$",
    re.IGNORECASE,
)

#: How a gender is written, folded; the code it stands for.
GENDERS = {
    **dict.fromkeys(("f", "female", "女", "女士", "女性", "小姐", "woman"), "F"),
    **dict.fromkeys(("m", "male", "男", "先生", "男性", "man"), "M"),
    **dict.fromkeys(("", "u", "unknown", "未知", "保密", "不详", "0", "-"), ""),
}


def name_is_empty(name: str) -> bool:
    """Whether a name says nothing about who it is: 女士, 散客, test, a single dot."""
    folded = fold(name)
    return not folded or folded in _NO_NAMES or (len(set(folded)) == 1 and folded[0] in "x0123456789无")


def name_is_titled(name: str) -> bool:
    """Whether it is a surname with a title (王女士, Ms Wang), which a full name betters."""
    bare = unicodedata.normalize("NFKC", name).strip()
    found = _TITLES.search(bare)
    if found:
        return 0 < len(fold(bare[: found.start()])) <= 2
    return bool(re.match(r"(?:mr|mrs|ms|miss)\.?\s+\S+$", bare, re.IGNORECASE))
