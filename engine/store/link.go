package store

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// links says what the references inside a transaction bundle stand for
// (https://hl7.org/fhir/R4/bundle.html#references).
type links struct {
	byURL   map[string]*op        // fullUrl -> the entry that creates or updates it
	byName  map[string]*op        // Type/id as an absolute fullUrl ends -> the entry; nil where two end so
	conds   map[string]*condition // conditional reference -> its search
	answers map[string]answered   // the same -> what it stands for
	named   map[int64][]*op       // name (names.go) -> the entries that write something of that name
}

func newLinks() *links {
	return &links{byURL: map[string]*op{}, byName: map[string]*op{}, conds: map[string]*condition{}}
}

// know registers what an entry's fullUrl stands for, also as the relative
// reference by which its neighbours may call it.
func (b *links) know(url string, o *op) error {
	if b == nil || o == nil || o.method == Delete || url == "" {
		return nil
	}
	if _, twice := b.byURL[url]; twice {
		return fault.At(fault.Invalid, fault.Issue{Code: "duplicate", Text: "two entries have this fullUrl", Expression: o.place + ".fullUrl"})
	}
	b.byURL[url] = o
	r := fhir.ParseRef(url)
	if r.Kind != fhir.RefAbsolute {
		return nil
	}
	if o.home == "" {
		o.home = r.Base
	}
	relative := r.Type + "/" + r.ID
	if _, other := b.byName[relative]; other {
		o = nil
	}
	b.byName[relative] = o
	return nil
}

// entry is the bundle's entry that a reference means which stands in an entry of that home; nil if it means none. A relative
// reference is one to the same server as its own entry's fullUrl.
func (b *links) entry(r ref, home string) *op {
	if b == nil {
		return nil
	}
	url, _, _ := strings.Cut(r.Text, "#")
	if r.Version != "" {
		url = strings.TrimSuffix(url, "/_history/"+r.Version)
	}
	if o := b.byURL[url]; o != nil || r.Kind != fhir.RefRelative {
		return o
	}
	if home != "" {
		return b.byURL[home+"/"+url]
	}
	return nil
}

// namesake is the only entry whose fullUrl ends in what a relative reference says, for one that stands in an entry without a
// fullUrl of that form, which so tells no server.
func (b *links) namesake(r ref, home string) *op {
	if b == nil || home != "" || r.Kind != fhir.RefRelative {
		return nil
	}
	return b.byName[r.Type+"/"+r.ID]
}

// resolved is what a reference has become.
type resolved struct {
	typ, id string
	rid     int64
	exists  bool   // false: a row of that number is still to be made
	pending bool   // there is no row yet
	rewrite bool   // the text in the resource changes
	version string // of a reference to a version
}

// resolve finds what a reference of an op points at. ok is false for references that are
// not to a resource of this server; a fault says why a reference cannot stand.
func (m *member) resolve(l *loaded, o *op, r ref) (out resolved, ok bool, err error) {
	if r.Kind == fhir.RefConditional {
		return m.resolveCondition(r)
	}
	to := m.bundle.entry(r, o.home)
	if to == nil {
		to, err = m.onlyNamesake(l, o, r)
	}
	if err != nil {
		return resolved{}, false, err
	}
	if to != nil {
		out = to.answer(true)
		if r.Version != "" {
			out.version = to.versionAfter()
		}
		return out, true, nil
	}
	switch r.Kind {
	case fhir.RefURN:
		return resolved{}, false, m.noEntry(r)
	case fhir.RefRelative:
	default:
		return resolved{}, false, nil
	}
	i, known := typeIndex(r.Type)
	if !known {
		return resolved{}, false, fault.New(fault.Unprocessable, "the reference names a resource type that does not exist")
	}
	id := identity{m.p.Tenant, i, r.ID}
	if to := m.stays[id]; to != nil {
		return to.answer(false), true, m.hasVersion(o, r, to.version)
	}
	t := l.targets[id]
	t.exists = t.exists && m.gone[id] == nil && !m.unseen[id]
	if t.exists {
		err = m.hasVersion(o, r, t.version)
	}
	if err != nil {
		return resolved{}, false, err
	}
	return resolved{r.Type, r.ID, t.rid, t.exists, t.pending, false, ""}, true, nil
}

// hasVersion refuses a reference to a version that the target, whose current one is last, has not had yet.
func (m *member) hasVersion(o *op, r ref, last int64) error {
	if r.Version == "" || !m.integrity || o.opts.replayed {
		return nil
	}
	if n, ok := number(r.Version); !ok || n < 1 || n > last {
		return fault.New(fault.Unprocessable, "the reference points at a version of %s that does not exist", fault.A(r.Type))
	}
	return nil
}

// onlyNamesake is the entry that a reference means for want of anything else of that name. Where there is something else, to
// choose would be to guess whose data these are.
func (m *member) onlyNamesake(l *loaded, o *op, r ref) (*op, error) {
	to := m.bundle.namesake(r, o.home)
	if to == nil {
		return nil, nil
	}
	i, _ := typeIndex(r.Type)
	id := identity{m.p.Tenant, i, r.ID}
	if other := m.stays[id]; other != nil && other != to || other == nil && l.targets[id].exists && m.gone[id] == nil && !m.unseen[id] {
		return nil, fault.New(fault.Unprocessable, "the reference may mean %s of this server or an entry of the bundle; a fullUrl of the entry in which it stands would tell", fault.A(r.Type))
	}
	return to, nil
}

// answer is the op as the target of a reference from the same member.
func (o *op) answer(rewrite bool) resolved {
	if len(o.unlessFound) == 1 {
		x := o.unlessFound[0]
		return resolved{o.typ, x.id, x.rid, true, false, rewrite, ""}
	}
	rid := o.newRID
	if o.found != nil {
		rid = o.found.rid
	}
	return resolved{o.typ, o.id, rid, true, false, rewrite, ""}
}

// versionAfter is the version that the op makes, or that of what it found.
func (o *op) versionAfter() string {
	if len(o.unlessFound) == 1 {
		return strconv.FormatInt(o.unlessFound[0].version, 10)
	}
	return strconv.FormatInt(o.version, 10)
}

// noEntry refuses a UUID that no entry of the bundle has as its fullUrl; other urns, and those outside of bundles, are a
// matter of referential integrity (formless).
func (m *member) noEntry(r ref) error {
	if m.bundle != nil && strings.HasPrefix(r.Text, "urn:uuid:") {
		return fault.New(fault.Unprocessable, "no entry of the bundle has the fullUrl that this reference names")
	}
	return nil
}

func (m *member) resolveCondition(r ref) (resolved, bool, error) {
	if m.bundle == nil {
		return resolved{}, false, fault.New(fault.Unprocessable, "a conditional reference is allowed inside a transaction only")
	}
	a := m.bundle.answers[r.Text]
	return a.resolved, a.err == nil, a.err
}
