// Package edge is what every request passes on its way in and out, whatever it asks for:
// a request id, the access log, metrics, compression, headers for browsers, the pages of
// others that may read answers (CORS), the address behind proxies, and the answers to those
// who watch the server (/healthz, /readyz, /metrics). Limits are token buckets for those
// who know whom a request is from and how a refusal is said.
//
// It promises that a log line or a metric names the route's pattern, never the address
// that was asked for, because an address may hold a patient's id or name; and that a
// panic below it ends one request, not the server. What it keeps of callers to limit them
// is bounded, however many there are.
//
// It never reads a body and knows no protocol above HTTP.
package edge
