import { createSettleClient, type SettleError } from '../../../../infra/client/settle-client.ts';

/** A page as a mini-program has it: checked against WeChat's own types, where there is neither Node nor a browser. */

const settle = createSettleClient({
  wx,
  baseUrl: 'https://pay.example.com',
  getToken: () => wx.getStorageSync<string>('token'),
});

Page({
  data: { orderId: 1 },
  async onPay() {
    try {
      const outcome = await settle.pay('mall', this.data.orderId);
      const texts = { paid: '支付成功', cancelled: '已取消', unconfirmed: '支付确认中' };
      await wx.showToast({ title: texts[outcome], icon: 'none' });
    } catch (error) {
      const { code, message } = error as SettleError;
      if (code === 'unauthenticated') await wx.navigateTo({ url: '/pages/login' });
      else await wx.showToast({ title: message, icon: 'none' });
    }
  },
});
