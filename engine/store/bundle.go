package store

import (
	"context"
	"encoding/base64"
	"mime"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
	"github.com/ficushealth/ficus/fhir/search"
)

// Reply answers one entry of a bundle.
type Reply struct {
	Method string // of the request
	Result Result // of a write, and of the read of an instance
	Page   *Page  // of a search or a history
	Past   bool   // it is of a history
	Type   string // of a search: what was searched
	Err    error  // of an entry of a batch

	Unmodified bool // of a read under ifNoneMatch or ifModifiedSince: the caller has it already
	Deleted    int  // of a conditional delete: how many

	Answer []byte        // of an entry that the caller of Batch has answered: a resource
	Asked  *search.Query // of its page: how the next one is asked for; of a read or a history: which part of each resource
}

// size is how many bytes the answer brings.
func (r Reply) size() int {
	n := len(r.Answer) + len(r.Result.Body)
	if r.Page != nil {
		for _, v := range slices.Concat(r.Page.Entries, r.Page.Included) {
			n += len(v.Body)
		}
	}
	return n
}

// Wrote reports whether the entry was one that writes.
func (r Reply) Wrote() bool { return r.Result.Effect != 0 && r.Method != "GET" && r.Method != "HEAD" }

const maxEntries = 10000

// Transaction carries out the entries of a bundle as one change, in the order
// that the standard gives (https://hl7.org/fhir/R4/http.html#trules): deletes, creates, updates and patches, references by
// condition, reads; all or nothing. Reads come when the changes are made, so they see them; what they ask for must be there before. The fault of a failed entry names it.
func (d *Desk) Transaction(ctx context.Context, b fhir.Bundle) ([]Reply, error) {
	entries, err := entriesOf(b)
	if err != nil {
		return nil, err
	}
	reads, err := d.planReads(ctx, entries)
	if err != nil {
		return nil, err
	}
	if err := d.present(ctx, entries, reads); err != nil {
		return nil, err
	}
	replies := make([]Reply, len(entries))
	if err := d.Write(ctx, func(c *Change) error { return c.entries(entries, replies) }); err != nil {
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

// entries plans all entries of a transaction.
func (c *Change) entries(entries []fhir.Entry, replies []Reply) error {
	c.m.bundle = newLinks()
	if err := c.foresee(entries); err != nil {
		return err
	}
	results := make([][]*Result, len(entries))
	for i, e := range entries {
		var err error
		if results[i], err = c.entry(e); err != nil {
			return refuse(e, err)
		}
	}
	return c.link(replies, results)
}

// foresee searches for the conditions of all entries at once; what is wrong with one is said when it is planned.
func (c *Change) foresee(entries []fhir.Entry) error {
	var list []*condition
	for _, e := range entries {
		t, err := targetOf(e)
		if err != nil || t.query == "" || e.Request.Method != "PUT" && e.Request.Method != "PATCH" {
			continue
		}
		if cond, err := c.m.condition(t.typ, t.query); err == nil {
			list = append(list, cond)
		}
	}
	return c.d.s.foresee(c.ctx, c.m, list...)
}

// present refuses a transaction that reads what is not there, or will not be when its changes are made: all entries
// succeed, or none (https://hl7.org/fhir/R4/http.html#transaction-response). What others delete meanwhile shows in the entry.
func (d *Desk) present(ctx context.Context, entries []fhir.Entry, reads []*reading) error {
	var written map[string]string // Type/id -> method
	for i, r := range reads {
		if r == nil {
			continue
		}
		if written == nil && r.id != "" {
			written = methods(entries)
		}
		if err := d.foreseen(ctx, r, written[r.typ+"/"+r.id]); err != nil {
			return refuse(entries[i], err)
		}
	}
	return nil
}

// methods says what the entries do to which instance.
func methods(entries []fhir.Entry) map[string]string {
	out := map[string]string{}
	for _, e := range entries {
		if t, err := targetOf(e); err == nil && !reads(e) && t.id != "" {
			out[t.typ+"/"+t.id] = e.Request.Method
		}
	}
	return out
}

// foreseen refuses a read that will fail. method is what the transaction does to the instance that is read.
func (d *Desk) foreseen(ctx context.Context, r *reading, method string) error {
	if r.past != nil {
		q := *r.past
		if q.Limited = d.p.Print(); d.p.Whole(q.right(), q.Type) {
			q.Limited = ""
		}
		if err := d.s.rehearsePast(ctx, d.p.Tenant, q); err != nil || r.id == "" {
			return err
		}
	}
	if r.id == "" {
		q, err := d.permitted(ctx, r.query)
		if err != nil {
			return err
		}
		return d.s.rehearse(ctx, d.p.Tenant, q)
	}
	return d.stands(ctx, r, method)
}

func (d *Desk) stands(ctx context.Context, r *reading, method string) error {
	var gone error // a history goes on after a delete
	if r.past == nil {
		gone = fault.New(fault.Gone, "the %s was deleted", r.typ)
	}
	switch {
	case method == "DELETE":
		return gone
	case method == "PUT" && r.version == "":
		return nil
	}
	op := access.Read
	if r.past != nil {
		op = r.past.right()
	}
	v, err := d.seen(ctx, op, r.typ, r.id, r.version)
	if method != "" && fault.Is(err, fault.Unknown) {
		return nil // the entry makes the version, or says itself that there is nothing to change
	}
	if err == nil && v.Deleted {
		return gone
	}
	return d.missed(ctx, "read", r.typ, r.id, err)
}

// planReads takes the reads of a bundle apart, so that what cannot be read is
// refused before anything is changed. Entries that are writes have none.
func (d *Desk) planReads(ctx context.Context, entries []fhir.Entry) ([]*reading, error) {
	out, limit := make([]*reading, len(entries)), newBudget()
	for i, e := range entries {
		if !reads(e) {
			continue
		}
		r, err := d.planRead(ctx, e.Request, limit)
		if err != nil {
			return nil, refuse(e, err)
		}
		out[i] = r
	}
	return out, nil
}

func reads(e fhir.Entry) bool { return e.Request.Method == "GET" || e.Request.Method == "HEAD" }

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

// filled refuses empty conditions: who wrote them meant one, and without it more would happen
// (https://hl7.org/fhir/R4/datatypes.html#string: strings are never empty).
func filled(e fhir.Entry) error {
	for name, v := range e.Get("request").Members() {
		if v.Kind() == fhir.String && strings.TrimSpace(v.Str()) == "" {
			return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "the " + name + " is empty", Expression: e.Place() + ".request." + name})
		}
	}
	return nil
}

// target is what the url of an entry names.
type entryTarget struct{ typ, id, query string }

func targetOf(e fhir.Entry) (t entryTarget, err error) {
	if elsewhere(e.Request.URL) {
		return t, badURL(e, elsewhereText)
	}
	url := strings.TrimPrefix(e.Request.URL, "/")
	path, query, conditional := strings.Cut(url, "?")
	t.typ, t.id, _ = strings.Cut(path, "/")
	t.query = query
	switch {
	case conditional && t.id != "":
		err = badURL(e, "the url names an id and a search; one of them decides")
	case conditional && query == "" && !reads(e):
		err = badURL(e, "the search in the url is empty")
	case t.id == "" && t.query == "" && (e.Request.Method == "DELETE" || e.Request.Method == "PATCH" || e.Request.Method == "PUT"):
		err = badURL(e, "the url names neither an id nor a search")
	case strings.HasPrefix(t.typ, "$") || strings.Contains(path, "/$"):
		err = badURL(e, "an operation is called by itself or in a batch, not in a transaction")
	case t.id != "" && !fhir.IsID(t.id) && !reads(e):
		err = badURL(e, "an id has 1 to 64 letters, digits, '-' or '.'")
	}
	return t, err
}

// elsewhere reports whether the url of an entry is a whole address. One of ours has come relative to our base.
func elsewhere(url string) bool {
	path, _, _ := strings.Cut(url, "?")
	return strings.Contains(path, "://")
}

const elsewhereText = "the url is an address of another server; it must be relative to the base of this one, such as Patient/1"

func badURL(e fhir.Entry, text string) error {
	return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: text, Expression: e.Place() + ".request.url"})
}

// entry plans one entry; nothing for a read, which comes when the changes are made.
func (c *Change) entry(e fhir.Entry) ([]*Result, error) {
	if reads(e) {
		return nil, nil
	}
	if err := filled(e); err != nil {
		return nil, err
	}
	t, err := targetOf(e)
	if err != nil {
		return nil, err
	}
	opts, err := conditions(e.Request)
	if err != nil {
		return nil, err
	}
	if t.query != "" && e.Request.Method != "POST" {
		opts = append(opts, Where(t.query))
	}
	switch e.Request.Method {
	case "POST":
		return c.entryWrite(e, Post, t, opts)
	case "PUT":
		return c.entryWrite(e, Put, t, opts)
	case "PATCH":
		return c.entryPatch(e, t, opts)
	case "DELETE":
		if t.query == "" {
			return c.placed(e, func() []*Result { return []*Result{c.Delete(t.typ, t.id, opts...)} })
		}
		return c.placed(e, func() []*Result { return c.DeleteWhere(t.typ, t.query, opts...) })
	}
	return nil, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: "the request's method must be GET, HEAD, POST, PUT, PATCH or DELETE", Expression: e.Place() + ".request.method"})
}

func (c *Change) entryWrite(e fhir.Entry, method Method, t entryTarget, opts []Option) ([]*Result, error) {
	r, err := bodyOf(e)
	if err != nil {
		return nil, err
	}
	switch {
	case r.Type() != t.typ:
		return nil, fault.New(fault.Invalid, "the request's url names another type than the resource has")
	case method == Post && (t.id != "" || t.query != ""):
		return nil, fault.New(fault.Invalid, "a POST names a type only; to choose the id, use PUT; to create on condition, ifNoneExist")
	case method == Put && t.query == "" && r.ID() != t.id:
		return nil, fault.New(fault.Invalid, "the request's url names another id than the resource has")
	}
	return c.placed(e, func() []*Result { return []*Result{c.writeOrSame(method, r, opts)} })
}

// bodyOf is the resource of an entry.
func bodyOf(e fhir.Entry) (fhir.Resource, error) {
	if !e.Body.Exists() {
		return fhir.Resource{}, fault.At(fault.Invalid, fault.Issue{Code: "required", Text: "the entry has no resource", Expression: e.Place() + ".resource"})
	}
	return fhir.AsResource(e.Body)
}

// entryPatch plans a patch: a Parameters is a FHIRPath Patch, a Binary holds a JSON or XML Patch.
func (c *Change) entryPatch(e fhir.Entry, t entryTarget, opts []Option) ([]*Result, error) {
	r, err := bodyOf(e)
	if err != nil {
		return nil, err
	}
	p, err := patchOf(r)
	if err != nil {
		return nil, err
	}
	return c.placed(e, func() []*Result { return []*Result{c.Patch(t.typ, t.id, p, opts...)} })
}

// patchOf reads the patch that an entry holds.
func patchOf(r fhir.Resource) (patch.Patch, error) {
	if r.Type() == "Parameters" {
		return patch.Parameters(r)
	}
	media, _, err := mime.ParseMediaType(r.Get("contentType").Str())
	if r.Type() != "Binary" || err != nil || media != patch.MediaJSON && media != patch.MediaXML {
		return patch.Patch{}, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: r.Type(),
			Text: "a patch is a Parameters resource (FHIRPath Patch) or a Binary of contentType " + patch.MediaJSON + " or " + patch.MediaXML})
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(r.Get("data").Str()), ""))
	if err != nil {
		return patch.Patch{}, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "the data of the Binary are not base64", Expression: "Binary.data"})
	}
	return patch.Read(media, data)
}

// writeOrSame takes two creates under one condition for one: the second finds what the first has made or found, so both
// entries mean the same resource. Where the first makes what the condition does not look for, they are two.
func (c *Change) writeOrSame(method Method, r fhir.Resource, opts []Option) *Result {
	result := c.write(method, r, opts)
	n := len(c.m.ops) - 1
	if n < 0 || len(c.errs) > 0 || c.m.ops[n].unless == nil {
		return result
	}
	unless := c.m.ops[n].unless
	switch first := unless.first; {
	case first == nil:
		unless.first = c.m.ops[n]
		return result
	case first.method == Post && unless.byNames() && !unless.meets(first.body):
		return result
	case first.method == Post:
		c.m.ops = c.m.ops[:n]
		c.m.twins = append(c.m.twins, twin{first, result})
		return result
	}
	return c.add(nil, fault.At(fault.Invalid, fault.Issue{Code: "duplicate", Text: "another entry of the bundle has the same condition"}))
}

// placed adds an entry's writes, knows them by its fullUrl, and takes their error out at once.
func (c *Change) placed(e fhir.Entry, add func() []*Result) ([]*Result, error) {
	before := len(c.m.ops)
	results := add()
	if len(c.errs) > 0 {
		return nil, c.errs[0]
	}
	for _, o := range c.m.ops[before:] {
		o.place = e.Place()
	}
	if len(results) != 1 {
		return results, nil
	}
	return results, c.m.bundle.know(e.FullURL, c.m.opOf(results[0]))
}

// twin is the result of an entry that means what another entry makes or finds.
type twin struct {
	of     *op
	result *Result
}

// answer is what a conditional create that finds a resource answers.
func (t twin) answer() {
	*t.result = *t.of.result
	t.result.Effect = Unchanged
}

func (m *member) opOf(r *Result) *op {
	for _, t := range m.twins {
		if t.result == r {
			return t.of
		}
	}
	for i := len(m.ops) - 1; i >= 0; i-- {
		if m.ops[i].result == r {
			return m.ops[i]
		}
	}
	return nil
}

// link finds the conditional references and hands the results to the replies.
func (c *Change) link(replies []Reply, results [][]*Result) error {
	changed := map[int16]int{}
	for _, o := range c.m.ops {
		if o.method != Post {
			changed[o.index]++
		}
		for _, r := range o.refs {
			if r.Kind != fhir.RefConditional {
				continue
			}
			cond, err := c.m.condition(r.Type, r.Query)
			if err == nil {
				err = c.d.s.compile(c.ctx, c.m, cond)
			}
			if err != nil {
				return o.wrap(misplaced(r, o, err))
			}
			c.m.bundle.conds[r.Text] = cond
		}
	}
	for _, cond := range c.m.conditions {
		if !cond.foreseen {
			cond.limit = 2 + min(changed[cond.index], maxDeletes) // matches that the bundle itself changes do not count
		}
	}
	c.m.after = func() {
		for i, list := range results {
			replies[i].take(list)
		}
	}
	return nil
}

// take gives the reply what its writes answered.
func (r *Reply) take(list []*Result) {
	for _, x := range list {
		r.Result = *x
		if x.Effect == Removed {
			r.Deleted++
		}
	}
	if len(list) > 1 { // no single version to show
		r.Result = Result{Effect: Removed}
	}
}

// complete answers a read, or fetches what a write found instead of writing.
func (d *Desk) complete(ctx context.Context, read *reading, out *Reply) (err error) {
	if read != nil {
		return d.carryOut(ctx, read, out)
	}
	if r := out.Result; r.Effect == Unchanged && r.ID != "" && r.Body == nil && r.Method != Delete {
		out.Result.Version, err = d.match(ctx, r)
	}
	return err
}

// conditions are the options that an entry's request sets.
func conditions(r fhir.Request) ([]Option, error) {
	opts := []Option{}
	if r.Method == "POST" {
		opts = append(opts, IfNoneExist(r.IfNoneExist))
	} else if r.IfNoneExist != "" {
		return nil, fault.New(fault.Invalid, "ifNoneExist is for creates only")
	}
	if r.IfMatch == "*" {
		opts = append(opts, IfMatch("*"))
	} else if r.IfMatch != "" {
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
