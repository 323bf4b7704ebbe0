package store

import (
	"maps"
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// Some reference parameters look at canonical URLs (https://hl7.org/fhir/R4/references.html#canonical):
// their targets are found by url, and a version in the URL must be the target's.

var tokenSQL = db.Text{
	SQLite: `SELECT $3, x.rid FROM ix_token x WHERE x.tenant = $1 AND x.hash = $2 LIMIT 10001`,
	Postgres: `SELECT q.n - 1, x.rid FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q(tenant, hash, n)
		CROSS JOIN LATERAL (SELECT x.rid FROM ix_token x WHERE x.tenant = q.tenant AND x.hash = q.hash
			AND (x.hash >> 32)::int4 = (q.hash >> 32)::int4 LIMIT 10001) x`,
}

// urlPointers are canonical URLs that wait to be looked up, each with its version, if it has one, and the types that may bear it.
type urlPointers struct {
	url      []string
	versions []string
	types    [][]string
}

func (u *urlPointers) add(set *r4.ParamSet, i search.Include, typ string, p index.Pointer) {
	types := []string{i.Target}
	if i.Target == "" {
		param, _ := set.Keyed(typ, p.Code)
		types = param.Targets
	}
	url, version := unversioned(p.Canonical)
	u.url, u.versions, u.types = append(u.url, url), append(u.versions, version), append(u.types, types)
}

// resolve takes the resources that have the URLs.
func (in *includer) resolve(u urlPointers) error {
	for n, url := range u.url {
		for _, typ := range u.types[n] {
			if _, hasURL := r4.FindParam(typ, "url"); !hasURL || !in.open(access.Read, typ) {
				continue
			}
			name := typ + "|" + url + "|" + u.versions[n]
			if in.asked[name] {
				continue
			}
			in.asked[name] = true
			if err := in.bearing(in.k.hasher.URI(typ, "url", url), u.versions[n]); err != nil {
				return err
			}
		}
	}
	return nil
}

// bearing takes the resources of an url's token that have the version, if one is asked for.
func (in *includer) bearing(hash int64, version string) error {
	fresh := map[int64]bool{}
	if err := in.tokens(search.Include{}, []int64{hash}, fresh); err != nil {
		return err
	}
	found, err := in.s.numbered(in.ctx, in.k, slices.Sorted(maps.Keys(fresh)))
	if err == nil {
		found, err = in.v.admit(in.ctx, access.Read, found)
	}
	if err != nil {
		return err
	}
	if version != "" {
		found = slices.DeleteFunc(found, func(v Version) bool { return !hasVersion(v, version) })
	}
	return in.takeAll(found)
}

func hasVersion(v Version, version string) bool {
	r, err := stored(v.Body)
	return err == nil && r.Get("version").Str() == version
}

func (in *includer) tokens(i search.Include, hashes []int64, fresh map[int64]bool) error {
	if len(hashes) == 0 {
		return nil
	}
	return in.s.db.EachQuery(in.ctx, tokenSQL, in.into(i, fresh), repeat(in.k.tenant, len(hashes)), hashes)
}

// canonicalReferrers collects the numbers of the resources that name the frontier by its URLs.
func (in *includer) canonicalReferrers(i search.Include, frontier []Version, fresh map[int64]bool) error {
	var hashes []int64
	for _, v := range frontier {
		if _, hasURL := r4.FindParam(v.Type, "url"); !hasURL || i.Target != "" && i.Target != v.Type {
			continue
		}
		r, err := stored(v.Body)
		if err != nil {
			return err
		}
		url := r.Get("url").Str()
		if url == "" {
			continue
		}
		for _, s := range canonicalSources(in.own.set, i, v.Type) {
			hashes = append(hashes, in.k.hasher.URI(s[0], s[1], url))
		}
	}
	return in.tokens(i, hashes, fresh)
}

// canonicalSources are the types and parameters by which a resource of the type may be named.
func canonicalSources(set *r4.ParamSet, i search.Include, target string) (out [][2]string) {
	types := []string{i.Source}
	if i.Source == "*" {
		types = r4.Resources()
	}
	for _, t := range types {
		for _, p := range set.Params(t) {
			if p.Type == "reference" && (i.Code == "*" || i.Code == p.Key()) && pointsTo(p, target) {
				out = append(out, [2]string{t, p.Key()})
			}
		}
	}
	return out
}

func pointsTo(p r4.Param, typ string) bool {
	for _, t := range p.Targets {
		if t == typ || t == "Resource" {
			return true
		}
	}
	return len(p.Targets) == 0
}
