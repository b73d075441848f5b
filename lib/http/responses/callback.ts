import * as z from 'zod/mini';
import { orderNumber, orderStatus } from './fields.ts';

/** The order after the message. */
export const callbackOrder = z.object({ order_no: orderNumber, status: orderStatus });
