// Package alert watches the audit and tells of what a security officer wants to look at.
//
// A Rule is a value: what of an entry is counted, for whom, how many in how long are too many, and for how long it is
// quiet afterwards. A Watcher follows the chain of each tenant from where it was, and makes an event "Audit.Alerted" of each
// alert, in the outbox.
//
// It promises that an alert, its entry in the audit and how far the watcher is are written in one transaction, so none is
// lost and none is made twice, whatever dies when; an event may be delivered more than once, as all may, and its id, which is
// that of the rule and of the entry that did it, stays the same. An event holds ids and no data of patients.
//
// A rule sees what is sealed, so an alert comes a few seconds late. It stops nothing: who may do what is decided elsewhere.
//
// # Table
//
//	alert_watch (tenant) how far the watcher is (n), and what the rules have counted (state, JSON)
package alert
