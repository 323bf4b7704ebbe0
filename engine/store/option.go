package store

// Option is a condition or a manner of one write.
type Option func(*options)

type options struct {
	ifMatch     string // a versionId; empty: no condition
	ifNoneExist string // a search, as in the header of that name
	ifNoneMatch bool   // If-None-Match: * (update only if absent)
	byWhere     bool   // a search finds the resource, instead of an id
	where       string // that search
	replayed    bool
	method      Method // overrides what history says, for a patch
}

// IfMatch lets the write happen only if this is the current versionId, or, with "*", if there is one (fault.Stale otherwise).
func IfMatch(version string) Option { return func(o *options) { o.ifMatch = version } }

// IfNoneExist makes a create conditional on this search (https://hl7.org/fhir/R4/http.html#ccreate):
// no match: created; one: Unchanged, with the match; several: fault.Stale.
func IfNoneExist(query string) Option { return func(o *options) { o.ifNoneExist = query } }

// IfAbsent lets an update happen only if the resource does not exist (If-None-Match: *).
func IfAbsent() Option { return func(o *options) { o.ifNoneMatch = true } }

// Where lets a search find the resource to be updated (https://hl7.org/fhir/R4/http.html#cond-update): none: it is
// created, under the id that it carries or a new one; one: that is updated, and the id that the resource may carry must be
// its id (fault.Invalid); several: fault.Stale. A patch of none is fault.Unknown.
func Where(query string) Option { return func(o *options) { o.byWhere, o.where = true, query } }

// Replayed marks a write that repeats what happened elsewhere: its event is
// marked so, references may precede their targets, and content equal to what is
// stored writes nothing.
func Replayed() Option { return func(o *options) { o.replayed = true } }

func collect(opts []Option) options {
	var o options
	for _, set := range opts {
		set(&o)
	}
	return o
}
