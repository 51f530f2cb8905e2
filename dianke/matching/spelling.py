"""Pinyin as it is met in names: reading it, splitting it, and what sounds nearly the same.

One syllable has one spelling here: ü counts as u (吕 is written lv, lu and lyu), so that characters and every way
of writing them in letters come to the same text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dianke.core.names import fold, pinyin_tokens

_EVERY_SYLLABLE = (
    "a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao "
    "ce cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui "
    "chun chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die "
    "ding diu dong dou du duan dui dun duo e ei en eng er fa fan fang fei fen feng fo fou fu ga gai gan "
    "gang gao ge gei gen geng gong gou gu gua guai guan guang gui gun guo ha hai han hang hao he hei hen "
    "heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju "
    "juan jue jun ka kai kan kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan "
    "lang lao le lei leng li lia lian liang liao lie lin ling liu lo long lou lu luan lue lun luo ma mai "
    "man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen "
    "neng ni nian niang niao nie nin ning niu nong nou nu nuan nue nuo o ou pa pai pan pang pao pei pen "
    "peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que "
    "qun ran rang rao re ren reng ri rong rou ru ruan rui run ruo sa sai san sang sao se sen seng sha "
    "shai shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song "
    "sou su suan sui sun suo ta tai tan tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun "
    "tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun "
    "ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha "
    "zhai zhan zhang zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo "
    "zi zong zou zu zuan zui zun zuo"
)
SYLLABLES = frozenset(_EVERY_SYLLABLE.split())
_LONGEST_SYLLABLE = 6
_UMLAUT = re.compile(r"(?<=[ln])(?:yu|v)")


@lru_cache(maxsize=60_000)
def _folded_char(char: str) -> str:
    return fold(char)


def folded(text: str) -> str:
    """`core.names.fold` of many short texts: each character is folded once and remembered."""
    return "".join(map(_folded_char, text))


def plain(spelling: str) -> str:
    """With ü written u: "lv", "lyu" and "lu" are one."""
    return _UMLAUT.sub("u", spelling)


@lru_cache(maxsize=40_000)
def readings(char: str) -> tuple[str, ...]:
    """How a character of a given name or a street is read, commonest first; () without pinyin."""
    # After a surname, because alone it would be read as one: 乐 yue.
    found = dict.fromkeys(plain(full.removeprefix("wang")) for full in pinyin_tokens("王" + char).full)
    found.pop("", None)
    return tuple(found)


@lru_cache(maxsize=4_000)
def surname_reading(surname: str) -> str:
    """How a surname is read: 单 shan, 尉迟 yuchi."""
    full = pinyin_tokens(surname).full
    return plain(full[0]) if full else ""


def spelled(text: str) -> str:
    """Chinese characters in their commonest reading, everything else as it is."""
    return "".join((readings(char) or (char,))[0] for char in text)


@lru_cache(maxsize=10_000)
def syllables(letters: str) -> tuple[str, ...]:
    """A run of letters as the fewest syllables of pinyin ("xiaoming": xiao, ming); () when it is none."""
    text = plain(fold(letters))
    if not text or len(text) > 4 * _LONGEST_SYLLABLE:
        return ()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - _LONGEST_SYLLABLE), end):
            before = best[start]
            if before is None or text[start:end] not in SYLLABLES:
                continue
            found = (*before, text[start:end])
            current = best[end]
            if current is None or len(found) < len(current):
                best[end] = found
    return best[-1] or ()


_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"))


@lru_cache(maxsize=2_000)
def sound(syllable: str) -> str:
    """What many speakers do not tell apart: zh and z, ch and c, sh and s, l and n, -ng and -n."""
    for spoken, heard in _NEAR:
        if syllable.startswith(spoken):
            syllable = heard + syllable[len(spoken) :]
            break
    return syllable[:-1] if syllable.endswith("ng") else syllable
