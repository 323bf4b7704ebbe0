package store

import (
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// seenReferrers collects the numbers of those that refer to the targets, as far as the caller sees them: what he does not see must
// not make a page too large either.
func (in *includer) seenReferrers(i search.Include, list []Version, fresh map[int64]bool) error {
	for _, source := range in.sources(i) {
		n, err := in.v.may(access.Search, source)
		switch {
		case fault.Is(err, fault.Forbidden):
			continue
		case err != nil:
			return err
		}
		if err := in.refer(i, source, n, list, fresh); err != nil {
			return err
		}
	}
	return nil
}

func (in *includer) sources(i search.Include) []string {
	if i.Source == "*" && i.Code == "*" {
		return r4.Resources()
	}
	return sources(in.own.set, i)
}

// refer collects those of one type.
func (in *includer) refer(i search.Include, source string, n access.Narrow, list []Version, fresh map[int64]bool) error {
	c, err := in.s.compiler(in.ctx, in.k.tenant, source)
	if err != nil {
		return err
	}
	preds, err := c.conjunction(n.Where)
	if err != nil {
		return err
	}
	st := newStatement(in.s.db.Dialect(), in.k.tenant)
	st.add("SELECT 0, h.rid FROM ix_ref h WHERE h.tenant = $1").tests(in.pointing(i, source, list), "h")
	st.typeIs("h.rid", c.index)
	for _, p := range preds {
		st.filter(p, "h.rid")
	}
	st.add(" LIMIT ?", 32*(maxIncluded+1)) // one resource may have a row for each of its parameters, 32 at most
	return in.s.db.Query(in.ctx, st.text(), st.args, in.into(i, fresh))
}

// pointing are the conditions on the rows by which a type refers to the targets.
func (in *includer) pointing(i search.Include, source string, list []Version) []test {
	rids, hashes := make([]int64, len(list)), []any{}
	seen := map[string]bool{}
	for n, v := range list {
		if rids[n] = v.RID; !seen[v.Type] {
			seen[v.Type] = true
			hashes = append(hashes, in.k.hasher.Refers(source, i.Code, v.Type))
		}
	}
	to := within("x.target", rids)
	if i.Code == "*" {
		return []test{to, where("x.hash <> ?", in.k.hasher.Key("", "reference"))}
	}
	return []test{to, oneOf("x.hash", hashes)}
}
