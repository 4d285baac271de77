/** Traffic made readable. */
export { TransactionLog } from './transaction-log.ts';
