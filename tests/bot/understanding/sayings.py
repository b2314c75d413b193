"""Sentences by many hands and voices, none of them an example of a flow, with what they mean.

Grouped by who says it, in which state of the dialogue, and the intents that are right (the first strictly, the others count, too).
"""

from dataclasses import dataclass

from handlers.phrases.said import said


@dataclass(frozen=True)
class Saying:
    text: str
    role: str
    awaiting: str
    intents: tuple[str, ...]


_GROUPS: tuple[tuple[str, str, str, str], ...] = (
    (
        "owner",
        "",
        "repair_report",
        """
        厨房龙头下面那个软管呲水了 | 3栋2单元501厨房水管爆了快来人 | 家里跳闸了推上去又跳 | 马桶冲不下去水都快漫出来了
        卫生间地漏返臭味熏得不行 | 俺家灯不亮了 | 屋头莫得水了 | 水喉漏水啊 | 茅子堵了 | 暖气片冰凉冰凉的
        楼道声控灯不亮晚上摸黑上楼 | 单员门刷卡没反应 | 电提坏了停在三楼
        闺女啊，我今天早上起来想烧点水，我老伴说昨晚就听见滴答滴答响，我一看哪，厨房水池底下全湿了，是管子漏水了
        我跟你讲啊小同志，我七十八了，一个人住，腿脚不好，昨天晚上上厕所的时候发现灯不亮了，换了灯泡还是不亮 | 漏水 | 停电了
        没水 | 家里露水了快来看看 | 下水到赌住了 | 你们物业干什么吃的，电梯坏了三天，老人怎么上楼
        气死我了，楼道里水管漏得到处都是，交那么多物业费有什么用 | 热水器打不着火了 | 空调不制冷 | 窗户玻璃裂了
        防盗门锁芯拧不动 | 楼顶漏雨，客厅天花板都湿了 | 对讲机坏了听不见声音 | 楼下路灯三盏都不亮 | 门口的井盖松了，一走就响
        洗手池的水流不下去 | 阳台推拉门掉下轨道了关不上 | 我家插座全没电，别人家有 | 小区大门道闸抬不起来
        楼梯扶手松了，老人扶着危险 | 健身器材坏了一个 | 垃圾桶满了好几天没人收 | 一楼楼道有股下水道的味
        有老鼠，楼道里看见好几只 | 消防栓箱的玻璃碎了 | 监控摄像头歪了 | 充电桩充不进电 | 电表不走字
        三号楼幺二零三厨房下水堵了 | 501没电了 | 麻烦帮我叫个水电工 | 厨房灯一闪一闪的 | 可视门铃黑屏了
        水压太小，洗澡都出不来水 | 自来水是黄的 | 家里有东西坏了，想请人看下
        """,
    ),
    (
        "owner",
        "",
        "repair_report",
        """
        电梯卡住了我在里面 | 我空在电梯里了 | 孩子被捆在电梯里面了快来 | 楼道有煤气味 | 五栋楼下电动车着火了 | 插座冒火花
        配电箱有糊味 | 摸水龙头麻手 | 外墙瓷砖掉下来差点砸到人 | 楼下井盖没了 | 树倒了压着电线 | 围墙要倒了
        """,
    ),
    (
        "tenant",
        "",
        "repair_report",
        """
        房东让我找你们，洗衣机那个水龙头滴水 | 我租的房子热水器没热水 | 出租屋门锁坏了进不去 | 房间空开老跳闸
        厕所一直流水停不下来
        """,
    ),
    (
        "visitor",
        "",
        "repair_report",
        """
        你们小区门口路面有个大坑 | 1号楼大厅的灯坏了 | 电梯按键按了没反应 | 门禁坏了进不来
        """,
    ),
    (
        "owner",
        "",
        "repair_status repair_urge",
        """
        我前天报的修现在啥情况了 | 维修的师傅出发了没有 | 我那个水管的单子有人接没 | 进度咋样了 | 帮我看看报修处理到哪了
        我报修的马桶什么时候能弄 | 12号单谁在处理 | 报的修有结果没得 | 师傅今天还来不来 | 修理工几点到我家
        """,
    ),
    (
        "owner",
        "",
        "repair_urge repair_status",
        """
        能不能快点啊等了两小时了 | 催一下我的报修 | 都一个礼拜了还没来人修 | 你们师傅是走路来的吗这么慢 | 麻烦催催维修师傅
        怎么还不来人 | 再不来人我打12345投诉了 | 昨天就说来人到现在没见影子 | 催单12 | 师傅咋还没到嘛 | 快点来修啊
        """,
    ),
    (
        "owner",
        "",
        "repair_cancel",
        """
        师傅不用过来了，我家那口子弄好了 | 报修取消了吧 | 把刚才的报修撤了 | 不用派人了自己好了 | 那个单子不要了，我搞错了
        别来了已经修好了
        """,
    ),
    (
        "owner",
        "",
        "repair_reschedule repair_status repair_urge",
        """
        今天家里没人，明天上午来修行不行 | 上门时间能改到周日吗 | 师傅能不能下午四点以后来 | 改到后天吧我要上班 | 约周六上午上门
        """,
    ),
    (
        "owner",
        "",
        "repair_reopen repair_report",
        """
        昨天刚修的今天又漏了 | 没修好啊，还在滴水 | 师傅走了没半天又堵上了 | 修了等于没修 | 上回修的灯又不亮了
        还是没弄好你们再来看看
        """,
    ),
    (
        "owner",
        "",
        "repair_rate",
        """
        给刘师傅打五星 | 我给五分，师傅很负责 | 评价五星 | 这次维修我很满意 | 给个差评，弄得到处脏兮兮的
        """,
    ),
    (
        "owner",
        "",
        "price_query help",
        """
        通下水道多少钱一次 | 换个插座你们收多少钱 | 上门维修要收费吗 | 换锁芯几钱 | 修水龙头收不收费 | 你们维修怎么收费的
        """,
    ),
    (
        "owner",
        "",
        "bill_query",
        """
        我这个月要交多少物业费 | 我家物业费欠了多少 | 查查水费 | 帮我看下还欠多少钱 | 物业费好多钱哦 | 物业费几多钱
        上个月电费多少 | 停车费是多少钱 | 我家还有没交的费用吗 | 三月份的账单 | 今年的物业费是多少 | 我欠费了吗 | 账单2026-03
        误业费要交多少
        """,
    ),
    (
        "owner",
        "",
        "bill_history bill_query",
        """
        去年我交了多少物业费 | 我交费的记录给我看看 | 前几个月都交了哪些 | 查一下以前的缴费 | 我上次交钱是什么时候
        """,
    ),
    (
        "owner",
        "",
        "bill_explain",
        """
        这个月怎么贵了这么多 | 公摊费是怎么算出来的 | 为什么要收我公摊电费 | 物业费一平米多少钱怎么算 | 凭啥多收我钱
        电费怎么突然这么多 | 这个违约金咋来的
        """,
    ),
    (
        "owner",
        "",
        "pay",
        """
        我想交物业费 | 在哪里交费 | 微信上交水费可以吗 | 我要缴半年的物业费 | 我现在把钱交了 | 绞费 | 帮我爸把物业费交一下
        """,
    ),
    (
        "owner",
        "",
        "receipt",
        """
        能给我开张发票吗 | 发飘怎么开 | 收据发我一份 | 我交了物业费要个收据 | 公司报销要开增值税发票
        """,
    ),
    (
        "owner",
        "",
        "discount_query bill_explain",
        """
        一次性交一年有优惠没 | 房子一直空着物业费能不能打折 | 提前交能便宜不 | 困难户能减免点吗
        """,
    ),
    (
        "owner",
        "",
        "refund_query human bill_explain",
        """
        我交重复了怎么退 | 装修押金啥时候退给我 | 钱多交了要退回来 | 押金退一下
        """,
    ),
    ("owner", "", "poll_list", "现在有啥投票没有 | 在哪投票啊 | 最近小区要投什么票 | 投飘在哪里"),
    ("owner", "", "poll_result poll_list", "加装电梯那个投票结果咋样 | 投票最后通过了没 | 上次表决多少人赞成"),
    ("owner", "", "poll_vote", "我投赞成票 | 装电梯我同意 | 投反对 | 我选B"),
    (
        "owner",
        "",
        "notice_list",
        """
        啥时候来水啊 | 今天为啥停电 | 小区最近有啥通知 | 停水要停到几点 | 明天是不是要停水 | 看一下公告
        """,
    ),
    (
        "owner",
        "",
        "feedback",
        """
        建议小区多装几个摄像头 | 希望能在楼下加个长椅 | 我有个想法，能不能把停车位重新划一下 | 给你们提个建议，垃圾分类点远了点
        能不能装个充电棚
        """,
    ),
    (
        "owner",
        "",
        "complaint",
        """
        楼上天天半夜跳绳吵死人 | 我要投诉门口保安骂人 | 隔壁装修中午也不停 | 有人在楼道里堆破烂 | 我车位又被占了 | 6楼往下扔烟头
        楼下烧烤店油烟太大 | 你们保洁一个星期没扫楼道了 | 邻居的狗天天叫 | 物业的人态度恶劣
        """,
    ),
    ("owner", "", "points_query", "我积分有多少了 | 积分怎么才能拿 | 查查我的分"),
    ("owner", "", "points_redeem", "我要拿积分换大米 | 积分可以换啥 | 积分抵物业费行不行"),
    ("owner", "", "checkin", "垃圾扔好了打卡 | 我来签个到 | 今天的垃圾分类打卡"),
    (
        "visitor",
        "",
        "bind_house",
        """
        我想绑定我家房子 | 我是6栋的业主怎么登记 | 我刚搬来要绑定 | 怎么把房子绑到微信上 | 帮定房屋 | 绑定 3-2-501 张伟 1234
        """,
    ),
    ("owner", "", "unbind", "我把房子卖了，帮我解绑 | 不住这里了解除绑定 | 取消我的房屋绑定 | 搬家了解绑一下"),
    (
        "owner",
        "",
        "human",
        """
        我要找你们经理 | 帮我转人工 | 有没有真人啊 | 把物业电话给我 | 跟机器说不明白，叫个人来 | 找个能说话的人 | 你们客服呢
        """,
    ),
    ("owner", "", "greeting", "你好呀 | 在不在啊 | 早上好啊 | 有人在吗"),
    ("owner", "", "thanks greeting", "太谢谢你们了 | 谢谢师傅辛苦了 | 好的谢谢"),
    ("visitor", "", "help", "这个怎么用啊 | 你都能干啥 | 有哪些功能 | 我不会弄教教我"),
    ("owner", "", "cancel", "算了算了 | 取消吧 | 不弄了不弄了 | 先这样算了"),
    (
        "owner",
        "",
        "out_of_scope",
        """
        明天会下雨吗 | 给我讲个故事 | 你多大了 | 附近哪有药店 | asdfgh | {"a": 1} | 买什么股票好 | 帮我写篇作文
        """,
    ),
    (
        "owner",
        "awaiting_rating",
        "repair_rate",
        """
        5 | 3 | 五星 | 很好 | 不满意 | 挺满意的 | 4分 | 太差了 | 还可以 | 师傅人很好修得也快 | 一般般吧 | 好评
        """,
    ),
    ("owner", "awaiting_rating", "repair_report", "厕所灯又不亮了另外一个地方的 | 厨房水管爆了"),
    ("owner", "confirm", "confirm", "是 | 好的 | 1 | 对的 | 可以 | 嗯嗯 | 要得 | 行吧 | 确认"),
    ("owner", "confirm", "deny", "不是 | 2 | 不用了 | 不对 | 不要 | 搞错了"),
    ("owner", "choose_house", "provide_info", "1 | 2 | 第二个 | 第一套 | 3-2-501"),
    ("owner", "ask_house", "provide_info", "3栋2单元501 | 三栋二单元五零一 | 我住5号楼2门301 | 501"),
    ("owner", "ask_location", "provide_info", "厨房 | 在卫生间 | 就是阳台那边 | 楼道里面"),
    ("owner", "ask_time", "provide_info", "明天下午三点以后 | 周末都行 | 后天上午 | 今晚七点"),
    ("owner", "ask_phone", "provide_info", "13912345678 | 尾号8866 | 我电话是13912345678"),
    ("owner", "ask_house", "bill_query", "对了物业费是多少"),
    ("owner", "ask_house", "cancel", "取消 | 算了"),
    ("owner", "poll_open", "poll_vote", "1 | 同意 | 2 | 我赞成"),
    ("staff", "order_pushed", "staff_accept", "接 | 1 | 好的 | 收到 | 我去 | 行，马上到 | 接单 | 可以"),
    ("staff", "order_pushed", "staff_refuse staff_transfer", "没空 | 接不了 | 退单 | 我不去"),
    (
        "staff",
        "order_in_progress",
        "staff_done",
        """
        好了 | 修好了 | 搞定了 | 弄完了 | 已经修好，换了个阀芯 | 通了 | 完工 换了角阀
        """,
    ),
    ("staff", "order_in_progress", "staff_arrive", "到了 | 我到楼下了 | 已经到业主家"),
    (
        "staff",
        "order_in_progress",
        "staff_pause staff_transfer",
        """
        缺个配件，明天再来 | 业主家没人 | 要等厂家发货 | 材料不够先停
        """,
    ),
    ("staff", "order_in_progress", "staff_transfer", "这个我弄不了，转给刘师傅 | 转给老王 | 这是电工的活儿你们换人"),
    ("staff", "", "staff_accept", "接单12 | 12号单我接了 | 接单＃12"),
    ("staff", "", "staff_done", "12号单修好了 | 完工12换了水龙头 | 12号搞定了"),
    ("staff", "", "staff_my_tasks", "我今天有啥活 | 还剩几个单子 | 看看我手里的任务 | 我还有多少活"),
    ("staff", "", "staff_leave human", "我明天想请假 | 家里有事请一天假 | 今天不舒服来不了了"),
    ("staff", "", "meter_reading", "抄表 3-2-501 1234.5 | 3-2-501水表读数1288 | 502电表356.7"),
    ("staff", "", "maintenance_done", "2号电梯半月保养做完了 | 水泵保养好了 | 水箱清洗完成"),
    ("staff", "", "inspection_report repair_report", "今天巡检都正常 | 巡检水泵房压力0.4 | 配电房巡检完了没异常"),
    ("staff", "", "equipment_query", "查一下1号电梯的维保单位 | 消防泵上次啥时候保养的 | 2号水泵型号是啥"),
    ("staff", "", "staff_on_duty", "上班了 | 我到岗了"),
    ("staff", "", "staff_off_duty", "我下班啦 | 下班"),
    (
        "staff",
        "",
        "repair_report",
        """
        代报修 3-2-501 厨房漏水 | 3-2-501的业主说马桶堵了 | 帮3栋501报修，灯不亮 | 巡查发现5栋着火了
        """,
    ),
    ("manager", "", "repair_report", "帮2栋302老太太报个修，水管漏了 | 代报修2-1-302暖气不热 | 有人困在电梯里了"),
    (
        "manager",
        "",
        "manager_broadcast",
        """
        发公告 明天上午9点停水 | 给全体业主发个停水通知 | 通知3号楼的住户明天检修电梯 | 跟大家说一下周六洗水箱 | 群发个通知
        """,
    ),
    (
        "manager",
        "",
        "manager_report",
        """
        今天日报发我 | 这个月的月报 | 看看上周的数据 | 今天一共收了多少钱 | 本周报修有多少
        """,
    ),
    (
        "manager",
        "",
        "manager_collection_rate manager_report",
        """
        这个月收缴率多少了 | 5栋物业费收了百分之几 | 收交率 | 今年的收费率
        """,
    ),
    ("manager", "", "manager_dun", "催一下欠费的业主 | 给没交物业费的发个催缴通知 | 崔缴 | 把3栋欠费的催一催"),
    (
        "manager",
        "",
        "manager_arrears_list manager_dun manager_report",
        """
        看看谁还没交钱 | 欠费的都有谁 | 5栋欠费名单 | 哪些人欠了一年以上
        """,
    ),
    ("manager", "", "manager_dispatch", "派单 12 陈师傅 | 12号单让刘师傅去 | 把12号派给老王 | 安排陈师傅去处理一下"),
    ("manager", "", "manager_orders manager_report", "现在还有多少单没处理 | 看看今天的工单 | 有没有超时的单子"),
    (
        "manager",
        "",
        "manager_poll_create manager_broadcast",
        """
        发起一个投票，要不要换大门 | 做个意见征询看要不要装充电桩 | 新建个投票
        """,
    ),
    ("manager", "", "manager_fee_op", "给501免200块 | 把5栋302的违约金免了 | 物业费单价调到1.8 | 给张伟退50块"),
    ("manager", "", "manager_priority", "优先 12 P1 | 12号单加急一下 | 把12号调成P0"),
    ("manager", "", "manager_alerts", "今天有啥预警吗 | 设备有没有异常"),
    ("manager", "", "manager_review", "有没有要审核的 | 看下谁申请绑定了"),
    ("manager", "confirm_broadcast", "confirm", "发吧 | 确认 | 可以发 | 1 | 发布"),
    ("manager", "confirm_broadcast", "deny", "先别发 | 不发了 | 等等 | 2"),
    # What is somebody else's to say is understood all the same, so that it can be refused in clear words.
    ("owner", "", "staff_accept", "接单 12"),
    ("owner", "", "manager_collection_rate", "收缴率"),
    ("owner", "", "manager_broadcast", "发公告 明天停水"),
)

SAYINGS: tuple[Saying, ...] = tuple(
    Saying(text, role, awaiting, tuple(intents.split()))
    for role, awaiting, intents, block in _GROUPS
    for text in said(block)
)

# Several wishes in one message: the first, then the others in order.
SEVERAL: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("水管漏了，对了物业费多少", "owner", ("repair_report", "bill_query")),
    ("厨房灯坏了，还有我要开发票", "owner", ("repair_report", "receipt")),
    ("我要交物业费，另外楼道灯不亮了", "owner", ("pay", "repair_report")),
    ("我有多少积分，顺便问下今天停水吗", "owner", ("points_query", "notice_list")),
    ("12号单修好了，看看我的任务", "staff", ("staff_done", "staff_my_tasks")),
    ("日报发我，再看看欠费名单", "manager", ("manager_report", "manager_arrears_list")),
)
