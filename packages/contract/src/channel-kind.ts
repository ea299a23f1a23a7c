/** Ways to tell somebody of an alert who does not look at the page. */
export const channelKinds = ['webhook', 'slack', 'discord', 'email'] as const
export type ChannelKind = (typeof channelKinds)[number]

/**
 * The life of a delivery: one alert, or its end, on one channel.
 *
 *   waiting ──taken by the other side──▶ delivered
 *      │  ▲
 *      │  └──sent again── given-up
 *      └──refused for good, or tried for too long──▲
 */
export const deliveryStatuses = ['waiting', 'delivered', 'given-up'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

/** What a delivery tells: of an alert, that a batch has ended, or how much of a budget is spent. */
export const deliveryEvents = ['raised', 'resolved', 'ended', 'spent', 'test'] as const
export type DeliveryEvent = (typeof deliveryEvents)[number]
