package store

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// Some of what a step asks at its far end is in no index row: words, and which canonical URL names which resource. Then the
// resources at the far end are read first, a bounded number, and the step leads to a list of them.

// at is the compiler for resources of another type.
func (c *compiler) at(typ string, index int16) *compiler {
	there := *c
	there.typ, there.index, there.beside = typ, index, nil
	return &there
}

// afar compiles what a step asks at its far end, where c stands.
func (c *compiler) afar(k search.Clause) ([]predicate, error) {
	if !slices.ContainsFunc(k.Sub, onWords) {
		return c.conjunction(k.Sub)
	}
	var rids []int64
	err := c.each(k, func(h hit) error {
		rids = append(rids, h.RID)
		return nil
	})
	return []predicate{c.among(rids)}, err
}

// among are the resources of a list.
func (c *compiler) among(rids []int64) predicate {
	return predicate{probes: []probe{{table: "resource", where: []test{c.live(), within("x.rid", rids)}}}}
}

// each reads the resources that a step asks for at its far end, where c stands. Faults: TooCostly if they are too many.
func (c *compiler) each(k search.Clause, do func(hit) error) error {
	f := &finder{compiler: c, ctx: c.ctx}
	if err := f.ask(apart(k.Sub)); err != nil {
		return err
	}
	if c.left() == 0 {
		return c.tooFar(k, k.Other)
	}
	paused, err := f.through(c.left(), func(h hit) (bool, error) { return true, do(h) })
	if err == nil && paused > 0 {
		err = c.tooFar(k, k.Other)
	}
	return err
}

func (c *compiler) tooFar(k search.Clause, typ string) error {
	name := search.Printable(k.Name)
	return fault.At(fault.TooCostly, fault.Issue{Code: "too-costly", Expression: "http." + name,
		Text: "search parameter " + name + " would have to read more than " + strconv.Itoa(c.most) + " resources, among them of type " + typ + ", all conditions of the request together; narrow what it asks of them, or ask in two searches"})
}

// alongURLs reports whether a condition asks for a step along canonical URLs.
func alongURLs(k search.Clause) bool {
	if k.Form == search.Join {
		return k.URLs
	}
	return slices.ContainsFunc(k.Sub, alongURLs)
}

// byURL compiles a step along canonical URLs, in either direction.
func (c *compiler) byURL(k search.Clause) (predicate, error) {
	other, known := typeIndex(k.Other)
	if !known {
		return predicate{}, unknownType(k.Other)
	}
	names := urlNames{}
	err := c.at(k.Other, other).each(k, func(h hit) error {
		r, err := stored(h.Body)
		if err != nil {
			return err
		}
		return names.of(r, k.Reverse, func(r fhir.Resource) ([]string, error) { return c.urls(r, k) })
	})
	if err != nil || len(names) == 0 {
		return c.among(nil), err
	}
	rids, err := c.bearers(k, names)
	return c.among(rids), err
}

// urls are the canonical URLs by which a resource refers.
func (c *compiler) urls(r fhir.Resource, k search.Clause) (out []string, err error) {
	list, err := c.own.now.Pointers(r, func(key string) bool { return key == k.Code })
	for _, p := range list {
		if p.Canonical != "" {
			out = append(out, p.Canonical)
		}
	}
	return out, err
}

// urlNames are canonical URLs, each with its versions; none is "".
type urlNames map[string]map[string]bool

// of adds what a resource is called, or what it calls others.
func (n urlNames) of(r fhir.Resource, refers bool, urls func(fhir.Resource) ([]string, error)) error {
	if !refers {
		n.add(r.Get("url").Str(), r.Get("version").Str())
		return nil
	}
	list, err := urls(r)
	for _, text := range list {
		n.add(unversioned(text))
	}
	return err
}

func (n urlNames) add(url, version string) {
	if url == "" {
		return
	}
	if n[url] == nil {
		n[url] = map[string]bool{}
	}
	n[url][version] = true
}

// calls reports whether one of the names, with its version or without, is that of a resource.
func (n urlNames) calls(url, version string) bool { return n[url][""] || n[url][version] }

// called reports whether a canonical URL names one of the resources whose names these are.
func (n urlNames) called(text string) bool {
	url, version := unversioned(text)
	return version == "" && n[url] != nil || version != "" && n[url][version]
}

// bearers are the resources that the names lead to: which have one of them, or refer by one.
func (c *compiler) bearers(k search.Clause, names urlNames) (rids []int64, err error) {
	var hashes []int64
	for url := range names {
		if k.Reverse {
			hashes = append(hashes, c.h.URI(c.typ, "url", url))
		} else {
			hashes = append(hashes, c.h.URI(c.typ, k.Code, url))
		}
	}
	slices.Sort(hashes)
	list, err := c.having(hashes)
	if err != nil {
		return nil, err
	}
	if c.spent.opened += len(list); c.spent.opened > c.most {
		c.spent.opened = c.most
		return nil, c.tooFar(k, c.typ)
	}
	for part := range slices.Chunk(list, portion) {
		bodies, err := c.bodies(part)
		if err != nil {
			return nil, err
		}
		for _, v := range bodies {
			ok, err := c.isNamed(k, v, names)
			if err != nil {
				return nil, err
			}
			if ok {
				rids = append(rids, v.RID)
			}
		}
	}
	return rids, nil
}

func (c *compiler) isNamed(k search.Clause, v Version, names urlNames) (bool, error) {
	r, err := stored(v.Body)
	if err != nil {
		return false, err
	}
	if k.Reverse {
		return names.calls(r.Get("url").Str(), r.Get("version").Str()), nil
	}
	list, err := c.urls(r, k)
	return slices.ContainsFunc(list, names.called), err
}

// having are the numbers of what has one of the tokens and meets what else is asked, but no more than it takes to know that they are
// too many. They are put in order once.
func (c *compiler) having(hashes []int64) (rids []int64, err error) {
	st := newStatement(c.from.Dialect(), c.k.tenant)
	st.add("SELECT DISTINCT c.rid FROM ix_token c WHERE c.tenant = $1").tests([]test{hashedWithin(hashes)}, "c")
	for _, p := range c.beside {
		st.filter(p, "c.rid")
	}
	st.add(" ORDER BY c.rid LIMIT ?", c.left()+1)
	err = c.from.Query(c.ctx, st.text(), st.args, func(r db.Row) error {
		rids = append(rids, r.Int64(0))
		return nil
	})
	return rids, err
}

// bodies are the current versions under some numbers, in the order of creation.
func (c *compiler) bodies(rids []int64) (list []Version, err error) {
	st := c.opened(rids)
	err = c.from.Query(c.ctx, st.text(), st.args, func(r db.Row) error {
		v := Version{Type: c.typ}
		err := c.k.scan(&v, r, 0)
		list = append(list, v)
		return err
	})
	slices.SortFunc(list, func(a, b Version) int { return cmp.Compare(a.RID, b.RID) })
	return list, err
}

// opened reads some resources, in no order.
func (c *compiler) opened(rids []int64) *statement {
	st := newStatement(c.from.Dialect(), c.k.tenant)
	return st.add("SELECT c.rid, c.version, c.updated, c.method, c.deleted, c.body").numbered(rids).add(" WHERE NOT c.deleted")
}
