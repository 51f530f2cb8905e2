"""Readings of characters in names that the dictionary's first reading would get wrong.

Three tables of facts in simplified characters, without tones, ü as v: surnames read otherwise than the
everyday word, surnames of two characters, and characters with several living readings in given names and
firms (collected by hand from the readings that occur in words; the rare and dialectal ones are left out
on purpose, because each of them doubles the search words of a name).
"""

from __future__ import annotations

_SURNAMES = (
    "解xie 查zha 区ou 朴piao 盖ge 召shao 种chong 员yun 乐yue 洗xian 折she 黑he 繁po 祭zhai 秘bi 句gou "
    "阚kan 能nai 颉xie 卜bu 重chong 菀yuan 褶xi"
)
_COMPOUND_SURNAMES = (
    "欧阳ou-yang 上官shang-guan 司马si-ma 诸葛zhu-ge 夏侯xia-hou 皇甫huang-fu 尉迟yu-chi 长孙zhang-sun "
    "慕容mu-rong 宇文yu-wen 司徒si-tu 司空si-kong 司寇si-kou 端木duan-mu 公孙gong-sun 令狐ling-hu "
    "东方dong-fang 西门xi-men 南宫nan-gong 百里bai-li 呼延hu-yan 轩辕xuan-yuan 独孤du-gu 澹台tan-tai "
    "闻人wen-ren 申屠shen-tu 太史tai-shi 钟离zhong-li 仲孙zhong-sun 鲜于xian-yu 闾丘lv-qiu 赫连he-lian "
    "濮阳pu-yang 淳于chun-yu 单于chan-yu 公冶gong-ye 宗政zong-zheng 拓跋tuo-ba 万俟mo-qi 完颜wan-yan "
    "纳兰na-lan 乐正yue-zheng 漆雕qi-diao 壤驷rang-si 公西gong-xi 公良gong-liang 夹谷jia-gu 宰父zai-fu "
    "谷梁gu-liang 段干duan-gan 东郭dong-guo 南门nan-men 左丘zuo-qiu 梁丘liang-qiu 第五di-wu 亓官qi-guan "
    "巫马wu-ma 颛孙zhuan-sun 子车zi-ju 羊舌yang-she 微生wei-sheng 哥舒ge-shu 贺兰he-lan 尔朱er-zhu "
    "宿勤su-qin 屠岸tu-an 即墨ji-mo 达奚da-xi 褚师chu-shi 归海gui-hai 叱干chi-gan 叱罗chi-luo "
    "可频ke-pin 沙吒sha-zha 吐谷tu-yu"
)
_SEVERAL_READINGS = (
    "长chang/zhang 行xing/hang 乐le/yue 朝chao/zhao 重zhong/chong 曾zeng/ceng 单shan/dan 都du/dou "
    "翟zhai/di 茜qian/xi 莎sha/suo 娜na/nuo 晟sheng/cheng 盛sheng/cheng 栖qi/xi 尉wei/yu 查cha/zha "
    "解jie/xie 区qu/ou 盖gai/ge 种zhong/chong 员yuan/yun 车che/ju 褚chu/zhu 隗wei/kui 牟mu/mou "
    "郇xun/huan 覃qin/tan 谌chen/shen 炅jiong/gui 莘shen/xin 奘zang/zhuang 将jiang/qiang 强qiang/jiang "
    "纶lun/guan 沈shen/chen 澹dan/tan 会hui/kuai 厦xia/sha 六liu/lu 伽jia/qie/ga 殷yin/yan "
    "靓liang/jing 禅chan/shan 莞wan/guan 颉jie/xie 屏ping/bing 属shu/zhu 宿su/xiu 藏zang/cang "
    "度du/duo 弹dan/tan 扎zha/za 还huan/hai 省sheng/xing 折zhe/she 降jiang/xiang 系xi/ji 传chuan/zhuan "
    "觉jue/jiao 角jiao/jue 的de/di 血xue/xie 著zhu/zhuo 率shuai/lv 校xiao/jiao 调diao/tiao 塞sai/se "
    "便bian/pian 什shi/shen 着zhe/zhuo/zhao 称cheng/chen 粘nian/zhan 蔓man/wan 辟pi/bi 露lu/lou 蛤ha/ge "
    "阿a/e 泊bo/po 薄bo/bao 参can/shen 剥bo/bao 给gei/ji 畜chu/xu 谁shei/shui 纤xian/qian "
    "壳ke/qiao 仔zi/zai 俩lia/liang 贾jia/gu 裳shang/chang 柏bai/bo 朴pu/piao 圈quan/juan 卡ka/qia "
    "颤chan/zhan 削xue/xiao 堡bao/bu 绿lv/lu 缪miao/miu/mou 拓tuo/ta 仇qiu/chou 召zhao/shao 秘mi/bi "
    "黑hei/he 繁fan/po 祭ji/zhai 句ju/gou 能neng/nai 乜nie/mie 佴nai/er 宓mi/fu "
    "郗xi/chi 适shi/kuo 俟qi/si 万wan/mo 洗xi/xian 了liao/le 模mo/mu 劲jin/jing "
    "差cha/chai 熨yun/yu 奇qi/ji 其qi/ji 落luo/la 咖ka/ga 佛fo/fu 番fan/pan 汤tang/shang 珲hun/hui "
    "婼chuo/ruo 玟wen/min 珩heng 菁jing/qing 龟gui/jun/qiu"
)

COMPOUND_SURNAMES: dict[str, tuple[str, ...]] = {
    entry[:2]: tuple(entry[2:].split("-")) for entry in _COMPOUND_SURNAMES.split()
}
SURNAMES: dict[str, tuple[str, ...]] = {
    **{entry[0]: (entry[1:],) for entry in _SURNAMES.split()},
    **COMPOUND_SURNAMES,
}
SEVERAL_READINGS: dict[str, tuple[str, ...]] = {
    entry[0]: tuple(entry[1:].split("/")) for entry in _SEVERAL_READINGS.split()
}
