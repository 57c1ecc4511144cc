// What the service's refusals mean, for people.

const BY_CODE = {
  sign_in: "账号或口令不对。",
  sign_in_needed: "登录已过期，请重新登录。",
  csrf: "页面已过期，请刷新后再试。",
  role: "这个账号没有做这件事的权限。",
  search: "只有办理人可以搜索信的内容。",
  claimed: "这封信正由别人办理。",
  decided: "这封信刚刚已由别人办理。",
  same_moment: "同一时刻有人写了同一处，请再试一次。",
  nothing_suggested: "这封信没有可采纳的建议，请自行选择。",
  nothing_to_undo: "没有可撤销的决定。",
  undone: "这一步已经撤销过了。",
  moved: "其中的来信后来又动过，请先撤销后面那一步。",
  one_matter: "这些来信已经是同一事项。",
  several_matters: "所选来信不属于同一事项。",
  unknown_label: "所选的分类或单位不在目录里，请刷新页面。",
  password_short: "口令至少 10 个字符。",
  name_taken: "已有同名账号，请换一个。",
  name: "请填写账号。",
  set_up: "第一个账号已经设好，请向管理员要一个链接。",
  last_admin: "这是最后一个在用的管理员，请先设另一个。",
  units: "所填单位不在单位目录里。",
  unit: "录入单位不在目录里，或不归你办理。",
  version: "这个版本不能用。",
  models_fixed: "模型由 FENBAN_MODELS 指定，不能在这里更换。",
  upload_suffix: "不能读这种文件。",
  upload_empty: "文件是空的。",
  upload_missing: "没有收到文件。",
  model: "模型没有载入，暂时没有建议，可自行选择。",
  database: "数据库没有应答，没有写入任何内容，请稍后再试。",
  job_runs: "还没有处理完。",
  reason: "导出真实姓名须写明理由。",
};
const BY_STATUS = {
  400: "发出的内容不完整。",
  401: "请先登录。",
  403: "这个账号没有做这件事的权限。",
  404: "没有找到，或不归你办理。",
  413: "内容太大。",
  422: "有填写不合要求的地方。",
  429: "操作太频繁，请稍后再试。",
  503: "服务暂时不可用，请稍后再试。",
};

export function explain(status, body) {
  return BY_CODE[body?.code] ?? BY_STATUS[status] ?? `服务出错（${status}），请稍后再试。`;
}
