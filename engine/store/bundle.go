package store

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Reply answers one entry of a bundle.
type Reply struct {
	Method string // of the request
	Result Result // of a write, and of the read of an instance
	Page   *Page  // of a search
	Type   string // of a search: what was searched
	Err    error  // of an entry of a batch
}

const maxEntries = 10000

// Transaction carries out the entries of a bundle as one change, in the order
// that the standard gives (https://hl7.org/fhir/R4/http.html#trules): all or
// nothing; reads see the changes. The fault of a failed entry names it.
func (d *Desk) Transaction(ctx context.Context, b fhir.Bundle) ([]Reply, error) {
	entries, err := entriesOf(b)
	if err != nil {
		return nil, err
	}
	reads, err := d.planReads(ctx, entries)
	if err != nil {
		return nil, err
	}
	replies := make([]Reply, len(entries))
	err = d.Write(ctx, func(c *Change) error {
		c.m.bundle = &links{byURL: map[string]*op{}, conds: map[string]*condition{}}
		results := make([]*Result, len(entries))
		for i, e := range entries {
			if results[i], err = c.entry(e); err != nil {
				return refuse(e, err)
			}
		}
		return c.link(replies, results)
	})
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		replies[i].Method = e.Request.Method
		if err := d.complete(ctx, reads[i], &replies[i]); err != nil {
			replies[i].Err = refuse(e, err) // the changes are made, whatever a read says
		}
	}
	return replies, nil
}

// planReads takes the reads of a bundle apart, so that what cannot be read is
// refused before anything is changed. Entries that are writes have none.
func (d *Desk) planReads(ctx context.Context, entries []fhir.Entry) ([]*reading, error) {
	out, limit := make([]*reading, len(entries)), newBudget()
	for i, e := range entries {
		if e.Request.Method != "GET" {
			continue
		}
		r, err := d.planRead(ctx, e.Request.URL, limit)
		if err != nil {
			return nil, refuse(e, err)
		}
		out[i] = r
	}
	return out, nil
}

func entriesOf(b fhir.Bundle) ([]fhir.Entry, error) {
	var out []fhir.Entry
	for e := range b.Entries() {
		if len(out) == maxEntries {
			return nil, fault.New(fault.TooLarge, "a bundle may have %d entries at most", maxEntries)
		}
		out = append(out, e)
	}
	return out, nil
}

// refuse says which entry it was.
func refuse(e fhir.Entry, err error) error { return (&op{place: e.Place()}).wrap(err) }

// entry plans one entry; nil for a read, which comes when the changes are made.
func (c *Change) entry(e fhir.Entry) (*Result, error) {
	path, query, conditional := strings.Cut(strings.TrimPrefix(e.Request.URL, "/"), "?")
	typ, id, _ := strings.Cut(path, "/")
	if e.Request.Method == "GET" {
		return nil, nil
	}
	if conditional && query != "" {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: "conditional update and delete are not supported; name the resource by its id", Expression: e.Place() + ".request.url"})
	}
	switch e.Request.Method {
	case "POST":
		return c.entryWrite(e, Post, typ, id)
	case "PUT":
		return c.entryWrite(e, Put, typ, id)
	case "DELETE":
		opts, err := conditions(e.Request)
		if err != nil {
			return nil, err
		}
		return c.placed(e, func() *Result { return c.Delete(typ, id, opts...) })
	}
	return nil, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: "the request's method must be GET, POST, PUT or DELETE", Expression: e.Place() + ".request.method"})
}

func (c *Change) entryWrite(e fhir.Entry, method Method, typ, id string) (*Result, error) {
	if !e.Body.Exists() {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "required", Text: "the entry has no resource", Expression: e.Place() + ".resource"})
	}
	r, err := fhir.AsResource(e.Body)
	if err != nil {
		return nil, err
	}
	if r.Type() != typ {
		return nil, fault.New(fault.Invalid, "the request's url names another type than the resource has")
	}
	if method == Post && id != "" {
		return nil, fault.New(fault.Invalid, "a POST names a type only; to choose the id, use PUT")
	}
	if method == Put && r.ID() != id {
		return nil, fault.New(fault.Invalid, "the request's url names another id than the resource has")
	}
	opts, err := conditions(e.Request)
	if err != nil {
		return nil, err
	}
	return c.placed(e, func() *Result { return c.writeOrSame(method, r, opts) })
}

// writeOrSame takes two creates under one condition for one: whichever the
// server found first, both entries mean the same resource.
func (c *Change) writeOrSame(method Method, r fhir.Resource, opts []Option) *Result {
	result := c.write(method, r, opts)
	n := len(c.m.ops) - 1
	if n < 0 || len(c.errs) > 0 || c.m.ops[n].unless == nil {
		return result
	}
	for _, o := range c.m.ops[:n] {
		if o.unless == c.m.ops[n].unless {
			c.m.ops = c.m.ops[:n]
			return o.result
		}
	}
	return result
}

// placed adds an entry's write, knows it by its fullUrl, and takes its error out at once.
func (c *Change) placed(e fhir.Entry, add func() *Result) (*Result, error) {
	before := len(c.m.ops)
	result := add()
	if len(c.errs) > 0 {
		return nil, c.errs[0]
	}
	o := c.m.opOf(result)
	if len(c.m.ops) > before {
		o.place = e.Place()
	}
	return result, c.m.bundle.know(e.FullURL, o)
}

func (m *member) opOf(r *Result) *op {
	for i := len(m.ops) - 1; i >= 0; i-- {
		if m.ops[i].result == r {
			return m.ops[i]
		}
	}
	return nil
}

// know registers what an entry's fullUrl stands for, also as the relative
// reference by which its neighbours may call it.
func (b *links) know(url string, o *op) error {
	if b == nil || o.method == Delete || url == "" {
		return nil
	}
	if _, twice := b.byURL[url]; twice {
		return fault.New(fault.Invalid, "two entries have this fullUrl")
	}
	b.byURL[url] = o
	if r := fhir.ParseRef(url); r.Kind == fhir.RefAbsolute && o.method == Post {
		b.byURL[r.Type+"/"+r.ID] = o
	}
	return nil
}

// link finds the conditional references and hands the results to the replies.
func (c *Change) link(replies []Reply, results []*Result) error {
	for _, o := range c.m.ops {
		for _, r := range o.refs {
			if r.Kind != fhir.RefConditional {
				continue
			}
			cond, err := c.m.condition(r.Type, r.Query)
			if err != nil {
				return o.wrap(misplaced(r, o, err))
			}
			c.m.bundle.conds[r.Text] = cond
		}
	}
	c.m.after = func() {
		for i, r := range results {
			if r != nil {
				replies[i].Result = *r
			}
		}
	}
	return nil
}

// complete answers a read, or fetches what a write found instead of writing.
func (d *Desk) complete(ctx context.Context, read *reading, out *Reply) (err error) {
	if read != nil {
		return d.carryOut(ctx, read, out)
	}
	if r := out.Result; r.Effect == Unchanged && r.Body == nil && r.Method != Delete {
		out.Result.Version, err = d.s.current(ctx, d.p.Tenant, r.Type, r.ID)
	}
	return err
}

// conditions are the options that an entry's request sets.
func conditions(r fhir.Request) ([]Option, error) {
	opts := []Option{IfNoneExist(r.IfNoneExist)}
	if r.IfMatch != "" {
		version, err := VersionOf(r.IfMatch)
		if err != nil {
			return nil, err
		}
		opts = append(opts, IfMatch(version))
	}
	switch r.IfNoneMatch {
	case "":
	case "*":
		opts = append(opts, IfAbsent())
	default:
		return nil, fault.New(fault.Invalid, "ifNoneMatch must be *")
	}
	return opts, nil
}

// VersionOf takes the version out of an entity tag such as W/"3" (RFC 9110
// section 8.8.3). The quotation marks are required there, but often forgotten.
// Faults: Invalid for anything that is not one tag with a version in it.
func VersionOf(etag string) (string, error) {
	version := strings.TrimPrefix(strings.TrimSpace(etag), "W/")
	if inner, quoted := strings.CutPrefix(version, `"`); quoted {
		version, quoted = strings.CutSuffix(inner, `"`)
		if !quoted {
			return "", badTag()
		}
	}
	if _, ok := number(version); !ok {
		return "", badTag()
	}
	return version, nil
}

func badTag() error { return fault.New(fault.Invalid, `a version is asked for as W/"3"`) }
