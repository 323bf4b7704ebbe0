package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// Everything asks for what belongs to a resource: the resource, its compartment, and what these refer to.
type Everything struct {
	Type, ID   string    // Patient or Encounter
	Types      []string  // only these; none: all
	Since      time.Time // only what was changed then or later; zero: all
	Start, End string    // only what happened in between, as dates of FHIR (see care); what has no date is there all the same
	Count      int       // resources on a page; 0: as many as a page may have
	Cursor     string
}

// everything is such a question on its way. What it finds has an order: the resource itself, then the
// members of its compartment by type and creation, then what they refer to outside of it by creation.
// Each is there once. The last part is worked out again for each page that reaches it, so that no
// server keeps it: it costs a look at every member.
type everything struct {
	ctx     context.Context
	d       *Desk
	v       sight
	q       Everything
	owner   Version
	patient string   // id of the patient whose the owner is; "" if of nobody
	types   []string // of the compartment, as far as the caller may see them
	limit   int
}

const (
	phaseOwner   int64 = -2
	phaseOutside int64 = -1 // others are types by number
)

// Everything returns one page. Faults: Forbidden, Unknown, Gone, Invalid for a cursor of another question
// and for dates that are none.
func (d *Desk) Everything(ctx context.Context, q Everything) (Page, error) {
	e, err := d.everything(ctx, q)
	if err != nil {
		return Page{}, err
	}
	page, err := e.page()
	if err != nil {
		return Page{}, err
	}
	if err := d.cutAll(ctx, page.Entries); err != nil {
		return Page{}, err
	}
	return page, d.record(ctx, d.entry("everything", []audit.Thing{{Type: q.Type, ID: q.ID}}), page.Entries...)
}

func (d *Desk) everything(ctx context.Context, q Everything) (*everything, error) {
	owner, err := d.seen(ctx, access.Read, q.Type, q.ID, "")
	if err != nil {
		return nil, d.missed(ctx, "everything", q.Type, q.ID, err)
	}
	if owner.Deleted {
		_, err := d.shown(ctx, "everything", owner, nil)
		return nil, err
	}
	v, err := d.sight(ctx)
	if err != nil {
		return nil, err
	}
	e := &everything{ctx: ctx, d: d, v: v, q: q, owner: owner, limit: maxCount}
	if q.Count > 0 {
		e.limit = min(q.Count, maxCount)
	}
	e.types = slices.DeleteFunc(compartmentTypes(q.Type), func(t string) bool { return !e.open(access.Search, t) })
	e.patient, err = patientOf(owner)
	return e, err
}

// patientOf is the id of the patient in whose compartment a patient or encounter is.
func patientOf(v Version) (string, error) {
	if v.Type == "Patient" {
		return v.ID, nil
	}
	list, err := patientsOf(v)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// patientsOf are the ids of the patients in whose compartments a resource is.
func patientsOf(v Version) (ids []string, err error) {
	if v.Type == "Patient" {
		return []string{v.ID}, nil
	}
	codes := r4.Compartment("Patient", v.Type)
	if len(codes) == 0 {
		return nil, nil
	}
	r, err := stored(v.Body)
	if err != nil {
		return nil, err
	}
	list, err := index.Pointers(r, func(code string) bool { return slices.Contains(codes, code) })
	for _, p := range list {
		if p.Ref.Type == "Patient" {
			ids = append(ids, p.Ref.ID)
		}
	}
	return ids, err
}

func (e *everything) fingerprint() uint64 {
	parts := []string{e.v.p.Print(), "everything", e.q.Type, e.q.ID, strings.Join(e.q.Types, ","), strconv.FormatInt(e.q.Since.UnixMicro(), 10), e.q.Start, e.q.End}
	return xxh3.HashString(strings.Join(parts, "\x00"))
}

func (e *everything) page() (page Page, err error) {
	k, err := e.d.s.keys(e.ctx, e.d.p.Tenant)
	if err != nil {
		return page, err
	}
	at, err := k.readCursor(e.fingerprint(), e.q.Cursor, cursorKeys(e.q.Cursor))
	if err != nil {
		return page, err
	}
	phase := phaseOwner
	if at.rid > 0 {
		phase = at.keys[0].(int64)
	}
	l := listing{limit: e.limit + 1}
	if err := e.from(&l, phase, at.rid); err != nil {
		return page, err
	}
	page = Page{Entries: l.found, Total: -1}
	if len(l.found) > e.limit {
		page.Entries = l.found[:e.limit]
		last := e.limit - 1
		page.Next = k.writeCursor(e.fingerprint(), position{l.found[last].RID, []any{l.phases[last]}})
	}
	return page, nil
}

// listing is what a page is made of: up to limit resources, and the phase of each.
type listing struct {
	found  []Version
	phases []int64
	limit  int
}

func (l *listing) room() int { return l.limit - len(l.found) }

func (l *listing) add(phase int64, list ...Version) {
	for _, v := range list {
		l.found, l.phases = append(l.found, v), append(l.phases, phase)
	}
}

// from lists what follows a place.
func (e *everything) from(l *listing, phase, rid int64) error {
	if phase == phaseOwner && rid == 0 && e.wants(e.owner.Type) && e.since(e.owner) {
		l.add(phaseOwner, e.owner)
	}
	if phase != phaseOutside {
		if err := e.compartment(l, typeOf(phase), rid); err != nil {
			return err
		}
		rid = 0
	}
	if l.room() == 0 {
		return nil
	}
	outside, err := e.outside(rid, l.room())
	l.add(phaseOutside, outside...)
	return err
}

// compartment lists members, from a type and the place within it on.
func (e *everything) compartment(l *listing, from string, rid int64) error {
	for _, t := range e.types {
		if t < from || !e.wants(t) || l.room() == 0 {
			continue
		}
		after := int64(0)
		if t == from {
			after = rid
		}
		list, err := e.members(t, after, l.room())
		if err != nil {
			return err
		}
		i, _ := typeIndex(t)
		l.add(int64(i), list...)
	}
	return nil
}

// typeOf is the name of the type that a phase is about, "" if it is about none.
func typeOf(phase int64) string {
	if phase < 0 || phase >= int64(len(r4.Resources())) {
		return ""
	}
	return r4.Resources()[phase]
}

func (e *everything) wants(typ string) bool {
	return len(e.q.Types) == 0 || slices.Contains(e.q.Types, typ)
}

func (e *everything) since(v Version) bool { return !v.Updated.Before(e.q.Since) }

// members are members of the compartment of one type behind a number, but for the owner.
func (e *everything) members(typ string, after int64, n int) ([]Version, error) {
	clauses, err := e.clauses(typ)
	if err != nil {
		return nil, err
	}
	return e.walk(typ, clauses, after, n)
}

func (e *everything) walk(typ string, clauses []search.Clause, after int64, n int) ([]Version, error) {
	q, err := e.v.limited(search.Query{Type: typ, Compartment: search.Compartment{Type: e.q.Type, ID: e.q.ID}, Clauses: clauses, Count: n})
	if err != nil {
		return nil, err
	}
	f, err := e.d.s.finder(e.ctx, e.d.p.Tenant, q)
	if err != nil {
		return nil, err
	}
	f.at, f.limit = position{rid: after}, n
	hits, err := f.look()
	var out []Version
	for _, h := range hits {
		if h.RID != e.owner.RID && len(out) < n {
			out = append(out, h.Version)
		}
	}
	return out, err
}

// clauses are the conditions of time on one type.
func (e *everything) clauses(typ string) (out []search.Clause, err error) {
	var pairs []search.Pair
	if !e.q.Since.IsZero() {
		pairs = append(pairs, search.Pair{Name: "_lastUpdated", Value: "ge" + e.q.Since.UTC().Format(fhir.InstantFormat)})
	}
	out, err = clausesOf(typ, pairs)
	if err != nil || e.q.Start == "" && e.q.End == "" {
		return out, err
	}
	care, err := careClauses(typ, e.q.Start, e.q.End)
	return append(out, care...), err
}

func clausesOf(typ string, pairs []search.Pair) ([]search.Clause, error) {
	q, _, err := search.Parse(typ, pairs, search.Strict)
	return q.Clauses, err
}

// outside are the resources that the owner and its members refer to and that are neither, in
// the order of their numbers behind one. What belongs to another patient is never among them.
func (e *everything) outside(after int64, n int) (out []Version, err error) {
	names, err := e.mentioned()
	if err != nil {
		return nil, err
	}
	for portion := range slices.Chunk(slices.Sorted(maps.Keys(names)), maxCount) {
		found, err := e.d.s.Fetch(e.ctx, e.d.p.Tenant, keysOf(portion))
		if err == nil {
			found, err = e.v.admit(e.ctx, access.Read, found)
		}
		if err != nil {
			return nil, err
		}
		for _, v := range found {
			if v.RID <= after || v.Deleted || !e.since(v) && !names[v.Type+"/"+v.ID] {
				continue
			}
			theirs, err := e.another(v)
			if err != nil {
				return nil, err
			}
			if !theirs {
				out = append(out, v)
			}
		}
		slices.SortFunc(out, func(a, b Version) int { return cmp.Compare(a.RID, b.RID) })
		out = out[:min(n, len(out))]
	}
	return out, nil
}

// another reports whether a resource belongs to patients, and not to the one asked for.
func (e *everything) another(v Version) (bool, error) {
	ids, err := patientsOf(v)
	return len(ids) > 0 && !slices.Contains(ids, e.patient), err
}

func keysOf(names []string) []Key {
	out := make([]Key, len(names))
	for i, name := range names {
		out[i].Type, out[i].ID, _ = strings.Cut(name, "/")
	}
	return out
}

// mentioned are the names of what owner and members refer to, themselves left out; true for what is
// named by one that was changed in the time asked for.
func (e *everything) mentioned() (map[string]bool, error) {
	names, inside := map[string]bool{}, map[string]bool{}
	err := e.visit(func(v Version) error {
		inside[v.Type+"/"+v.ID] = true
		r, err := stored(v.Body)
		if err != nil {
			return err
		}
		for _, ref := range refsOf(r, e.d.s.base) {
			if e.follows(ref.Ref) {
				name := ref.Type + "/" + ref.ID
				names[name] = names[name] || e.since(v)
			}
		}
		return nil
	})
	maps.DeleteFunc(names, func(name string, _ bool) bool { return inside[name] })
	return names, err
}

// follows reports whether a reference is to something here that is asked for and that the caller may see.
func (e *everything) follows(ref fhir.Ref) bool {
	_, known := typeIndex(ref.Type)
	return known && ref.Kind == fhir.RefRelative && e.wants(ref.Type) && e.open(access.Read, ref.Type)
}

// open reports whether the caller may see something of a type.
func (e *everything) open(op access.Op, typ string) bool {
	_, err := e.v.may(op, typ)
	return err == nil
}

// visit goes through the owner and all members.
func (e *everything) visit(fn func(Version) error) error {
	if err := fn(e.owner); err != nil {
		return err
	}
	for _, t := range e.types {
		for after := int64(0); ; {
			list, err := e.walk(t, nil, after, maxCount)
			if err != nil {
				return err
			}
			for _, v := range list {
				if err := fn(v); err != nil {
					return err
				}
			}
			if len(list) < maxCount {
				break
			}
			after = list[len(list)-1].RID
		}
	}
	return nil
}
