"""The surnames most Chinese bear, to tell where a name begins: 小明王 begins with no surname, 王小明 does.

A table of facts in simplified characters. A surname that is missing here is still compared, character by character.
"""

from __future__ import annotations

from dianke.core.name_readings import COMPOUND_SURNAMES
from dianke.matching.spelling import surname_reading

# Without those that are far commoner as words of given names and of address: 明, 成, 全.
SURNAME_CHARACTERS = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁舒耿牟卜詹关"
    "苗凌费纪靳盛童欧甄项曲游阳裴席卫查屈鲍覃霍翁隋甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘"
    "古米池滕晋苑邬臧宫苟褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝巩"
    "井练仲乐虞卞封竺冼原官楚佟栗匡宗巫鞠桑荆谌扬沙伏岑习胥蔺闫肖代付"
)
SURNAME_SPELLINGS = frozenset(
    [surname_reading(surname) for surname in SURNAME_CHARACTERS]
    + [surname_reading(surname) for surname in COMPOUND_SURNAMES]
)
