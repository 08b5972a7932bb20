/**
 * The shapes that cross the widget's borders. They mirror "Modal payload" and "Order" in docs/contracts.md.
 *
 * @typedef {"checkout" | "request_upgrade" | "contact_sales" | "url" | "dismiss"} ActionKind
 * @typedef {{kind: ActionKind, label: string, style: "primary" | "secondary", href?: string | null}} Action
 * @typedef {{label: string, text: string, used: number, limit: number, percent: number, note?: string | null}} Usage
 *
 * @typedef {object} Option Something that can be ordered.
 * @property {string} id
 * @property {string | null} [plan]
 * @property {string | null} [addon]
 * @property {number} quantity
 * @property {string} interval
 * @property {string} currency
 * @property {number} amount
 * @property {string} price
 * @property {string} price_note
 * @property {string} label
 * @property {boolean} [selected]
 * @property {string | null} [saving]
 *
 * @typedef {object} Content
 * @property {string} title
 * @property {string} body
 * @property {string | null} [eyebrow]
 * @property {string[]} [bullets]
 * @property {Usage | null} [usage]
 * @property {Option[]} [options]
 * @property {string | null} [legal]
 * @property {{text: string, until: string} | null} [grandfathering] when the reader's version of the plan ends
 *
 * @typedef {"close" | "working" | "interval" | "review_title" | "total" | "confirm" | "back" | "pending_title" |
 *   "pending_body" | "success_title" | "success_body" | "requested_title" | "requested_body" | "error" | "retry"} Label
 *
 * @typedef {object} Payload
 * @property {1} schema
 * @property {string | null} [impression_id]
 * @property {{key: string, version: number}} offer
 * @property {string} trigger
 * @property {string} gate
 * @property {string | null} [feature]
 * @property {string | null} [placement]
 * @property {string} language
 * @property {"ltr" | "rtl"} [direction]
 * @property {{kind?: string, dismissible?: boolean, auto_close?: boolean}} [presentation]
 * @property {Content} content
 * @property {Record<Label, string>} labels
 * @property {Action[]} actions
 *
 * @typedef {object} Order
 * @property {string} id
 * @property {"requested" | "pending" | "completed" | "rejected" | "canceled" | "expired"} status
 * @property {number | null} [customer_version]
 * @property {{kind: "confirm" | "wait" | "redirect" | "none", url?: string | null}} next
 * @property {{lines: {label: string, text: string}[], total: string, note?: string | null}} summary
 *
 * @typedef {"offer" | "review" | "pending" | "success" | "requested"} ViewName
 *
 * @typedef {"escape" | "backdrop" | "close" | "dismiss" | "completed" | "removed" | "unsupported"} Reason
 *   The first four are the reader's; `completed` is the closing after a success, `removed` means that the page took
 *   the element away, `unsupported` that the payload could not be shown.
 *
 * @typedef {"upgraded" | "requested" | "pending" | "dismissed"} OutcomeKind
 * @typedef {{outcome: OutcomeKind, reason?: Reason, customerVersion?: number | null, result?: unknown}} Outcome
 *
 * @typedef {(input: any, init?: RequestInit) => Promise<Response>} Send The one way to the network.
 *
 * @typedef {object} Options
 * @property {() => Promise<string> | string} [token] Answers an end-user token; asked for anew before each call.
 * @property {string} [tokenUrl] A route of the host that answers `{"token", "expires_at", "server"}`.
 * @property {string} [server] Address of the Liftgate server, or of a proxy route of the host.
 * @property {"light" | "dark" | "auto"} [theme]
 * @property {Send} [fetch] Replaces the network, for tests and proxies.
 *
 * @typedef {(tag: string, attributes?: Record<string, any>, ...children: any[]) => any} Build Makes one element.
 * @typedef {(build: Build, payload: Payload, chosen?: string) => any} View
 */

export {};
