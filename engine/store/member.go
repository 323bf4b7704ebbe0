package store

import (
	"context"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/event"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// member is what one caller wants to be committed as a whole: one write, the
// entries of a transaction bundle, or a Change. It is all or nothing.
type member struct {
	p         access.Principal
	sight     sight
	keys      *tenantKeys
	params    *ownParams // the search parameters by which its rows are made
	ops       []*op
	within    []func(context.Context, db.Tx) error // run inside the transaction; such a member has its group to itself
	alone     *aloneness                           // plans more writes when the member has its tenant to itself; nil: it does not
	rehearsal bool                                 // everything is done but the commit
	events    []event.Event
	noted     []noted // records that within has written or deleted
	bundle    *links  // nil but for a transaction bundle
	twins     []twin  // entries that have no op of their own

	touched map[identity]touch // what it does to which resource; known when it is submitted, as its locks are
	locks   []lock

	integrity   bool                  // references must have targets; a setting of the tenant
	conditions  []*condition          // searches that the ops depend on, each once
	byText      map[string]*condition // the same
	room        func(int64) error     // of the desk
	patched     int64                 // bytes of what its patches change
	spent       spent                 // on what its conditions match, before anything is locked
	stays, gone map[identity]*op      // what the ops leave in being, and what they delete
	replaced    map[int64]bool        // the numbers of the resources that the ops write or delete
	unseen      map[identity]bool     // what references name and the caller does not see

	planned int64 // edition of the search parameters by which its conditions were read
	defines bool  // writes search parameters: it has its group and its tenant to itself
	changed bool  // has changed the edition

	err   error  // why this member lost; the others of its group go on
	again bool   // an attempt has failed already
	after func() // runs when it is committed
	done  chan error
}

// op is one write of a member. The first part is planned by the caller's
// goroutine, the second found by load, the third made by prepare.
type op struct {
	method Method
	typ    string
	index  int16 // of the type
	id     string
	body   fhir.Resource // as it came; zero for a delete
	opts   options
	place  string // FHIRPath of the bundle's entry, for errors
	refs   []ref
	newRID int64 // number to use if the resource turns out to be new
	unless *condition
	which  *condition    // the condition that says which resource it is: that of a conditional update, patch or delete
	absent bool          // the resource must not be there: no match of a conditional update may have this id
	edit   *edition      // of a patch
	early  bool          // its references may precede their targets
	ahead  *ahead        // what it writes if it is the first version; nil: not made beforehand
	pinned bool          // others of the bundle refer to the version that it makes, so it must make one
	narrow access.Narrow // which resources the caller may do this to
	made   bool          // a conditional update found nothing, and the resource gets an id of our own
	home   string        // what stands before type and id in the fullUrl of its entry

	found       *current   // nil: no row, not even a placeholder, or none that the caller sees
	hid         bool       // there is one that he does not see
	unlessFound []match    // what unless found, without what the same member deletes
	referrers   []referrer // of a delete: who points here

	effect   Effect
	rid      int64
	version  int64
	updated  time.Time
	plain    []byte
	sealed   []byte
	present  string
	shared   string
	add      index.Rows
	drop     index.Rows
	labels   []Label             // that may not be listed yet
	patients []string            // whom the version before and the new one are about
	targets  map[string]resolved // of the new body's references to resources of this server, by Type/id
	result   *Result
}

// referrer is a row of ix_ref: a resource that points at another, and under what.
type referrer struct{ rid, hash int64 }

// current is a row of table resource as load found it.
type current struct {
	rid     int64
	version int64
	updated int64
	method  Method
	deleted bool
	sealed  []byte

	successor string // the id of what has taken its place; empty: nothing has
}

// own reports whether the member has its group to itself: it runs code of its caller's within the transaction, or takes it back.
func (m *member) own() bool { return m.defines || len(m.within) > 0 || m.alone != nil || m.rehearsal }

func (c *current) live() bool { return c != nil && c.version > 0 && !c.deleted }

// placeholder reports whether the row only keeps a number for a resource that has not come yet.
func (c *current) placeholder() bool { return c != nil && c.version == 0 }

// wrap names the entry in the fault's places, so that a bundle's error says which entry it was.
func (o *op) wrap(err error) error {
	f := fault.Find(err)
	if o.place == "" || f == nil || db.InDoubt(err) { // a copy of the fault alone would lose the doubt
		return err
	}
	out := *f
	out.Issues = make([]fault.Issue, 0, len(f.Issues)+1)
	for _, i := range f.Issues {
		i.Expression = inEntry(o.place, i.Expression)
		out.Issues = append(out.Issues, i)
	}
	if len(f.Issues) == 0 {
		out.Issues = append(out.Issues, fault.Issue{Text: f.Text, Expression: o.place})
	}
	out.Text = o.place + ": " + f.Text
	if _, hides := uncovered(err); hides {
		return hidden{&out}
	}
	return &out
}

func inEntry(place, expression string) string {
	switch {
	case expression == "":
		return place
	case strings.HasPrefix(expression, place):
		return expression
	case strings.HasPrefix(expression, "http."):
		return place + ".request.url"
	}
	if i := firstDot(expression); i >= 0 {
		return place + ".resource" + expression[i:]
	}
	return place + ".resource"
}

func firstDot(s string) int {
	for i := range len(s) {
		if s[i] == '.' {
			return i
		}
	}
	return -1
}
