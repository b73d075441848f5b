/** Of the companies whose codes `get_delivery_list` gives, some that most shops use. */
export const deliveryCompanies = [
  { delivery_id: 'SF', delivery_name: '顺丰速运' },
  { delivery_id: 'ZTO', delivery_name: '中通快递' },
  { delivery_id: 'YTO', delivery_name: '圆通速递' },
  { delivery_id: 'YUNDA', delivery_name: '韵达速递' },
  { delivery_id: 'STO', delivery_name: '申通快递' },
  { delivery_id: 'EMS', delivery_name: 'EMS' },
  { delivery_id: 'JD', delivery_name: '京东快递' },
] as const;
