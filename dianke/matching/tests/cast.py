"""Records for tests: drawn by hypothesis, or generated as a customer file."""

from __future__ import annotations

from hypothesis import strategies as st

from dianke.matching.bulk import SCHEMA
from dianke.matching.record import Birth, Calendar, Record

_CHINESE_NAMES = (
    "王小明 王晓明 王曉明 小明王 王女士 小王 阿明 明哥 王建国 王建军 李小明 刘國華 欧阳娜娜 单雄信 吕布 WXM "
    "王总 晨光文具 上海晨光文具有限公司 晨光文具(上海)股份有限公司 阿依古丽·买买提 小宝妈妈"
)
NAMES = [
    *_CHINESE_NAMES.split(),
    "",
    "Wang Xiaoming",
    "xiaoming wang",
    "wangxiaoming",
    "Wang X.M.",
    "Tom Wang",
    "Lyu Bu",
    "Michaela Neumann",
    "Neumann Michaela",
]
PHONES = (
    "+8613912345678",
    "+8613912345687",
    "+8613912345673",
    "+8618655001234",
    "+8613800138000",
    "+862158001234",
)
EMAILS = ("wangxm@qq.com", "wangxm@163.com", "wangxn@qq.com", "info@chenguang.cn", "broken")
STREETS = (
    "",
    "南京西路1038号5幢301室",
    "南京西路 1038-5-301",
    "南京西路1038号",
    "上海市静安区南京西路一千零三十八号",
    "北京路1号",
    "8 Stanley Street",
)


def _some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2).map(tuple)


births = st.builds(
    Birth,
    month=st.integers(1, 12),
    day=st.integers(1, 28),
    year=st.none() | st.integers(1979, 1981),
    calendar=st.sampled_from(Calendar),
)
records = st.builds(
    Record,
    id=st.integers(1, 10**6),
    name=st.sampled_from(NAMES),
    phones=_some(PHONES),
    emails=_some(EMAILS),
    unionid=st.sampled_from(("", "", "o6_1", "o6_2")),
    member_number=st.sampled_from(("", "", "V1", "V2")),
    document=st.sampled_from(("", "", "", "d1", "d2")),
    gender=st.sampled_from(("", "M", "F")),
    birth=st.none() | births | st.just(Birth(9, 23, 1980)) | st.just(Birth(8, 15, 1980, Calendar.LUNAR)),
    province=st.sampled_from(("", "上海市", "广东省")),
    city=st.sampled_from(("", "上海", "上海市", "深圳市")),
    district=st.sampled_from(("", "静安区", "静安", "南山区")),
    street=st.sampled_from(STREETS),
    postcode=st.sampled_from(("", "200040")),
    company=st.sampled_from(("", "晨光文具", "上海晨光文具有限公司", "蓝海科技")),
    is_company=st.booleans(),
)


def record_of(row: dict[str, object]) -> Record:
    """A row of a table with the engine's schema as a record."""
    values = {name: row[name] or "" for name in SCHEMA.names if not name.startswith("birth_")}
    values |= {"phones": tuple(row["phones"] or ()), "emails": tuple(row["emails"] or ())}  # type: ignore[arg-type]
    if row["birth_month"]:
        values["birth"] = Birth(
            row["birth_month"],  # type: ignore[arg-type]
            row["birth_day"],  # type: ignore[arg-type]
            row["birth_year"],  # type: ignore[arg-type]
            Calendar(row["birth_calendar"]),
            bool(row["birth_is_leap"]),
        )
    return Record(**{**values, "id": row["id"], "is_company": bool(row["is_company"])})  # type: ignore[arg-type]
