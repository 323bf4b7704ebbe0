package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

const (
	// maxIncluded is how many resources one page may include. A part of them would be
	// taken for the whole, so a page that has more is refused.
	maxIncluded = 10_000
	tooMany     = "would bring more than 10000 resources or 64 MiB"
	// maxRounds is how often :iterate goes on from what it has included.
	maxRounds = 50
)

// includer collects what a page includes (https://hl7.org/fhir/R4/search.html#include), each
// resource once, and nothing that is a match of the page.
type includer struct {
	ctx   context.Context
	s     *Store
	k     *tenantKeys
	own   *ownParams
	v     sight
	list  []search.Include
	seen  map[int64]bool  // numbers of what is on the page
	asked map[string]bool // references that were followed
	found []Version
	size  int
}

// include adds to a page what its query includes. Faults: Forbidden if all that an include
// could bring is closed to the caller, Invalid (too-costly) beyond maxIncluded.
func (d *Desk) include(ctx context.Context, q search.Query, page *Page) error {
	if len(q.Includes) == 0 {
		return nil
	}
	v, err := d.sight(ctx)
	if err != nil {
		return err
	}
	for _, i := range q.Includes {
		if err := v.mayInclude(i); err != nil {
			return d.refused(ctx, "search", q.Type, "", err)
		}
	}
	k, err := d.s.keys(ctx, d.p.Tenant)
	if err != nil {
		return err
	}
	in := &includer{ctx: ctx, s: d.s, k: k, own: v.own, v: v, list: q.Includes, seen: map[int64]bool{}, asked: map[string]bool{}}
	for _, v := range page.Entries {
		in.seen[v.RID] = true
	}
	if err := in.rounds(page.Entries); err != nil {
		return err
	}
	page.Included = in.found
	return nil
}

// mayInclude refuses what could bring nothing that the caller may see, whatever the data are.
// Of several types those are left out that he may not see.
func (v sight) mayInclude(i search.Include) (err error) {
	if err := v.mayFollow(i); err != nil {
		return err
	}
	if i.Reverse {
		if i.Source != "*" {
			_, err = v.may(access.Search, i.Source)
		}
		return err
	}
	for _, t := range targetsOf(v.own.set, i) {
		if _, err = v.may(access.Read, t); err == nil {
			return nil
		}
	}
	return err
}

// mayFollow refuses references that are hidden from the caller.
func (v sight) mayFollow(i search.Include) error {
	if !v.p.Masked() || i.Source == "*" || i.Code == "*" {
		return nil // follow leaves them out
	}
	param, _ := v.own.set.Keyed(i.Source, i.Code)
	return v.readable([]string{i.Source}, param)
}

// targetsOf are the types that an include may bring; none if that is open.
func targetsOf(set *r4.ParamSet, i search.Include) []string {
	if i.Target != "" {
		return []string{i.Target}
	}
	param, _ := set.Keyed(i.Source, i.Code)
	return param.Targets
}

func (in *includer) rounds(frontier []Version) error {
	list := in.list
	for round := 0; len(frontier) > 0 && len(list) > 0; round++ {
		if round > maxRounds {
			return tooMuch(list[0], "goes on for more than 50 steps from one resource to the next")
		}
		before := len(in.found)
		if err := in.round(list, frontier); err != nil {
			return err
		}
		frontier = in.found[before:]
		slices.SortFunc(frontier, func(a, b Version) int { return cmp.Compare(a.RID, b.RID) })
		if round == 0 {
			list = slices.DeleteFunc(slices.Clone(list), func(i search.Include) bool { return !i.Iterate })
		}
	}
	return nil
}

// round goes one step from each resource of the frontier.
func (in *includer) round(list []search.Include, frontier []Version) error {
	if err := in.forward(list, frontier); err != nil {
		return err
	}
	for _, i := range list {
		if !i.Reverse {
			continue
		}
		if err := in.backward(i, frontier); err != nil {
			return err
		}
	}
	return nil
}

func tooMuch(i search.Include, why string) error {
	name := "_include"
	if i.Reverse {
		name = "_revinclude"
	}
	return fault.At(fault.Invalid, fault.Issue{Code: "too-costly", Expression: "http." + name,
		Text: name + " of this page " + why + "; take a smaller _count, or search for them by themselves, page by page"})
}

// take adds a resource that is not on the page yet.
func (in *includer) take(i search.Include, v Version) error {
	if v.Number == 0 || v.Deleted || in.seen[v.RID] {
		return nil
	}
	in.seen[v.RID] = true
	in.found = append(in.found, v)
	in.size += len(v.Body)
	if len(in.found) > maxIncluded || in.size > maxAnswer {
		return tooMuch(i, tooMany)
	}
	return nil
}

// pointed is what the references of a frontier name.
type pointed struct {
	names    []Key
	versions []VersionKey
	urls     urlPointers
}

// forward follows the references of the frontier.
func (in *includer) forward(list []search.Include, frontier []Version) error {
	var to pointed
	for _, v := range frontier {
		if err := in.collect(&to, of(list, v.Type), v); err != nil {
			return err
		}
	}
	if err := in.fetch(to.names); err != nil {
		return err
	}
	if err := in.versions(to.versions); err != nil {
		return err
	}
	return in.resolve(to.urls)
}

// collect adds what one resource points at.
func (in *includer) collect(to *pointed, wanted []search.Include, v Version) error {
	if len(wanted) == 0 {
		return nil
	}
	pointers, err := in.pointers(v, wanted)
	for _, p := range pointers {
		if i, ok := in.follow(wanted, p); ok {
			in.add(to, i, v.Type, p)
		}
	}
	return err
}

func (in *includer) add(to *pointed, i search.Include, typ string, p index.Pointer) {
	key := Key{p.Ref.Type, p.Ref.ID}
	switch n, ok := number(p.Ref.Version); {
	case p.Canonical != "":
		to.urls.add(in.own.set, i, typ, p)
	case ok:
		to.versions = append(to.versions, VersionKey{key, n})
	case p.Ref.Version == "" && !in.asked[key.Type+"/"+key.ID]:
		in.asked[key.Type+"/"+key.ID] = true
		to.names = append(to.names, key)
	}
}

// fetch takes resources by name, in portions, so that the limit is met before all are in memory.
func (in *includer) fetch(names []Key) error {
	for portion := range slices.Chunk(names, maxCount) {
		found, err := in.s.Fetch(in.ctx, in.k.tenant, portion)
		if err == nil {
			found, err = in.v.admit(in.ctx, access.Read, found)
		}
		if err != nil {
			return err
		}
		if err := in.takeAll(found); err != nil {
			return err
		}
	}
	return nil
}

// versions takes what is referred to by version, unless the resource is on the page already.
func (in *includer) versions(names []VersionKey) error {
	for portion := range slices.Chunk(names, maxCount) {
		found, err := in.s.FetchVersions(in.ctx, in.k.tenant, portion)
		if err == nil {
			found, err = in.v.admitPast(in.ctx, access.VRead, found)
		}
		if err != nil {
			return err
		}
		slices.SortFunc(found, func(a, b Version) int { return cmp.Or(cmp.Compare(a.RID, b.RID), cmp.Compare(b.Number, a.Number)) })
		if err := in.takeAll(found); err != nil {
			return err
		}
	}
	return nil
}

func (in *includer) takeAll(found []Version) error {
	for _, v := range found {
		if err := in.take(search.Include{}, v); err != nil {
			return err
		}
	}
	return nil
}

// of are the forward includes that begin at a type.
func of(list []search.Include, typ string) (out []search.Include) {
	for _, i := range list {
		if !i.Reverse && (i.Source == typ || i.Source == "*") {
			out = append(out, i)
		}
	}
	return out
}

func (in *includer) pointers(v Version, wanted []search.Include) ([]index.Pointer, error) {
	r, err := stored(v.Body)
	if err != nil {
		return nil, err
	}
	list, err := in.own.now.Pointers(r, func(code string) bool {
		return slices.ContainsFunc(wanted, func(i search.Include) bool { return i.Code == code || i.Code == "*" })
	})
	for n := range list {
		if list[n].Canonical == "" {
			list[n].Ref = localRef(list[n].Ref.Text, in.s.base)
		}
	}
	return in.outward(r, list), err
}

// outward leaves out what a tenant's parameter finds in the world of their own that a bundle holds (aim).
func (in *includer) outward(r fhir.Resource, list []index.Pointer) []index.Pointer {
	if innerWorld(r.Type()) == "" {
		return list
	}
	known := named(refsOf(r, in.s.base), in.s.base)
	return slices.DeleteFunc(list, func(p index.Pointer) bool {
		_, own := r4.ParamNumber(p.Code)
		return own && p.Canonical == "" && !known[targetForm(p.Ref, in.s.base).Text]
	})
}

// follow is the include that asks for what the pointer names, if the caller may see it.
func (in *includer) follow(wanted []search.Include, p index.Pointer) (search.Include, bool) {
	for _, i := range wanted {
		if i.Code != p.Code && i.Code != "*" {
			continue
		}
		if p.Canonical != "" {
			return i, true
		}
		if _, known := typeIndex(p.Ref.Type); known && p.Ref.Kind == fhir.RefRelative &&
			(i.Target == "" || i.Target == p.Ref.Type) && in.open(access.Read, p.Ref.Type) {
			return i, true
		}
	}
	return search.Include{}, false
}

// open reports whether the caller may see something of a type.
func (in *includer) open(op access.Op, typ string) bool {
	_, err := in.v.may(op, typ)
	return err == nil
}

// backward takes what refers to the frontier by one include.
func (in *includer) backward(i search.Include, frontier []Version) error {
	targets := slices.DeleteFunc(slices.Clone(frontier), func(v Version) bool { return i.Target != "" && i.Target != v.Type })
	fresh := map[int64]bool{}
	if err := in.referrers(i, targets, fresh); err != nil {
		return err
	}
	if err := in.canonicalReferrers(i, frontier, fresh); err != nil {
		return err
	}
	return in.byNumber(i, slices.Sorted(maps.Keys(fresh)))
}

// into collects the numbers of resources that are not on the page yet, as long as they are not too many.
func (in *includer) into(i search.Include, fresh map[int64]bool) func(db.Row) error {
	return func(r db.Row) error {
		if rid := r.Int64(1); !in.seen[rid] {
			fresh[rid] = true
		}
		if len(in.found)+len(fresh) > maxIncluded {
			return tooMuch(i, tooMany)
		}
		return nil
	}
}

var referringSQL = db.Text{
	SQLite: `SELECT $4, x.rid FROM ix_ref x WHERE x.tenant = $1 AND x.target = $2 AND x.hash = $3 LIMIT 10001`,
	Postgres: `SELECT q.n - 1, x.rid FROM unnest($1::int4[], $2::int8[], $3::int8[]) WITH ORDINALITY AS q(tenant, target, hash, n)
		CROSS JOIN LATERAL (SELECT x.rid FROM ix_ref x WHERE x.tenant = q.tenant AND x.target = q.target AND x.hash = q.hash LIMIT 10001) x`,
}

// anyReferringSQL leaves out the rows that no search parameter has made; type -1 is any. One resource may have a row
// for each of its parameters, 32 at most, and the limit must not hide that there are too many. The type is asked by a scalar subquery,
// so that PostgreSQL cannot begin with all resources.
var anyReferringSQL = db.Text{
	SQLite: `SELECT $5, x.rid FROM ix_ref x WHERE x.tenant = $1 AND x.target = $2 AND x.hash <> $3
		AND ($4 = -1 OR (SELECT r.type FROM resource r WHERE r.tenant = x.tenant AND r.rid = x.rid) = $4) LIMIT 320032`,
	Postgres: `SELECT q.n - 1, x.rid FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::int4[]) WITH ORDINALITY AS q(tenant, target, hash, type, n)
		CROSS JOIN LATERAL (SELECT x.rid FROM ix_ref x WHERE x.tenant = q.tenant AND x.target = q.target AND x.hash <> q.hash
			AND (q.type = -1 OR (SELECT r.type FROM resource r WHERE r.tenant = x.tenant AND r.rid = x.rid) = q.type) LIMIT 320032) x`,
}

// referrers collects the numbers of the resources that refer to the targets.
func (in *includer) referrers(i search.Include, list []Version, fresh map[int64]bool) error {
	n := len(list)
	switch {
	case n == 0:
		return nil
	case !in.v.p.Whole(access.Search, "") && !in.v.p.Whole(access.Search, i.Source):
		return in.seenReferrers(i, list, fresh)
	}
	targets, hashes := make([]int64, n), make([]int64, n)
	for at, v := range list {
		targets[at] = v.RID
	}
	if i.Code == "*" {
		typ := int32(-1)
		if t, known := typeIndex(i.Source); known {
			typ = int32(t)
		}
		none := in.k.hasher.Key("", "reference")
		return in.s.db.EachQuery(in.ctx, anyReferringSQL, in.into(i, fresh), repeat(in.k.tenant, n), targets, repeat(none, n), repeat(typ, n))
	}
	for _, source := range sources(in.own.set, i) {
		for at, v := range list {
			hashes[at] = in.k.hasher.Refers(source, i.Code, v.Type)
		}
		err := in.s.db.EachQuery(in.ctx, referringSQL, in.into(i, fresh), repeat(in.k.tenant, n), targets, hashes)
		if err != nil {
			return err
		}
	}
	return nil
}

// sources are the types at which a reverse include with a parameter may begin.
func sources(set *r4.ParamSet, i search.Include) (out []string) {
	if i.Source != "*" {
		return []string{i.Source}
	}
	for _, t := range r4.Resources() {
		if p, ok := set.Keyed(t, i.Code); ok && p.Type == "reference" {
			out = append(out, t)
		}
	}
	return out
}

// byNumberSQL names no condition but the key, so that PostgreSQL has no other index to choose.
var byNumberSQL = db.Text{
	SQLite: `SELECT $3, rid, version, updated, method, deleted, body, id, type FROM resource WHERE tenant = $1 AND rid = $2`,
	Postgres: `SELECT q.n - 1, r.rid, r.version, r.updated, r.method, r.deleted, r.body, r.id, r.type
		FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q(tenant, rid, n)
		JOIN resource r ON r.tenant = q.tenant AND r.rid = q.rid`,
}

// byNumber takes resources by their numbers, those left out that the caller may not see.
func (in *includer) byNumber(i search.Include, rids []int64) error {
	for portion := range slices.Chunk(rids, maxCount) {
		found, err := in.s.numbered(in.ctx, in.k, portion)
		if err == nil {
			found, err = in.v.admit(in.ctx, access.Search, found)
		}
		if err != nil {
			return err
		}
		for _, v := range found {
			if err := in.take(i, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// numbered reads the current versions of live resources by their numbers, in that order.
func (s *Store) numbered(ctx context.Context, k *tenantKeys, rids []int64) ([]Version, error) {
	out := make([]Version, len(rids))
	err := s.db.EachQuery(ctx, byNumberSQL, func(r db.Row) error {
		v := &out[r.Int64(0)]
		*v = Version{ID: r.Text(7), Type: r4.Resources()[r.Int32(8)]}
		return k.scan(v, r, 1)
	}, repeat(k.tenant, len(rids)), rids)
	return slices.DeleteFunc(out, func(v Version) bool { return v.Number == 0 || v.Deleted }), err
}

// unversioned is a canonical URL and the version that it asks for, "" if any.
func unversioned(canonical string) (url, version string) {
	canonical, _, _ = strings.Cut(canonical, "#")
	url, version, _ = strings.Cut(canonical, "|")
	return url, version
}
