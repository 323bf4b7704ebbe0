package store

import (
	"strings"

	"github.com/ficushealth/ficus/fhir/search"
)

// equal is what a resource must meet to have a value as a key of the order. whole is false where its body must say so besides.
func (c *compiler) equal(k key, value any) (list []predicate, whole bool, err error) {
	missing := compareKeys(value, k.last) == 0
	switch {
	case k.list != 0 && missing:
		return []predicate{c.without(k)}, true, nil
	case k.list != 0:
		probes, err := c.sharing(k.list, where("x.value = ?", value))
		return []predicate{{probes: probes}}, false, err
	case k.closed != nil:
		return []predicate{k.one(value.(string))}, true, nil
	case missing || k.far != nil:
		return []predicate{k.says(value)}, true, nil
	}
	return []predicate{c.row(k, value), k.says(value)}, true, nil
}

// says asks a resource for its key. It finds nothing by itself.
func (k key) says(value any) predicate {
	expr := strings.ReplaceAll(k.expr, "c.rid", "x.rid")
	asked := predicate{probes: []probe{{table: "resource", where: []test{where("x.version > 0"), where(expr+" = ?", append(append([]any{}, k.args...), value)...)}}}}
	return predicate{form: search.None, sub: []predicate{{form: search.None, sub: []predicate{asked}}}}
}

// row finds what has a value under a key that has an index; the value that counts may be another one.
func (c *compiler) row(k key, value any) predicate {
	at := where("x."+k.column+" = ?", value)
	switch k.table {
	case "resource":
		return predicate{probes: []probe{{table: k.table, where: []test{c.live(), where("x.version > 0"), at}}}}
	case "ix_ref":
		typ, id := splitReference(value.(string))
		at = where("x.target = (SELECT t.rid FROM resource t WHERE t.tenant = $1 AND t.type = ? AND t.id = ?)", typ, id)
		return predicate{probes: []probe{{table: k.table, where: []test{at, where("x.hash = ?", k.hash)}, walk: true}}}
	}
	p := byHash(k.table, k.hash, at)
	p.ranged = true
	return predicate{probes: []probe{p}}
}

// one finds what has a code of a closed list, or none of it.
func (k key) one(text string) predicate {
	var all []any
	for _, c := range k.closed {
		if c.text == text {
			return predicate{probes: []probe{byHash("ix_token", c.key)}}
		}
		all = append(all, c.key)
	}
	return predicate{negated: true, probes: []probe{{table: "ix_token", where: []test{hashed(all...)}}}}
}

// without is what has no value under a listed parameter, or one without a code.
func (c *compiler) without(k key) predicate {
	has := c.present(k.mark)
	has.negated = true
	return predicate{form: search.Any, sub: []predicate{has, {probes: []probe{byHash("ix_token", k.none)}}}}
}
