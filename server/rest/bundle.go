package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// bundle answers POST [base] with a batch or a transaction
// (https://hl7.org/fhir/R4/http.html#transaction). A transaction that fails is answered by
// one OperationOutcome that names the entry; an entry of a batch that fails, by its own.
func (c *call) bundle() error {
	if err := c.bare(); err != nil {
		return err
	}
	r, err := c.document()
	if err != nil {
		return err
	}
	if r.Type() != "Bundle" {
		return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "only a Bundle can be posted here; other resources go to the address of their type", Expression: "resourceType"})
	}
	b, err := c.relative(fhir.Bundle{Resource: r})
	if err != nil {
		return err
	}
	replies, err := c.process(b)
	if err != nil {
		return err
	}
	return c.replies(b, replies)
}

// relative is the bundle with what its entries ask for relative to our base. R4 wants it so, but many clients send whole addresses
// (https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.request.url).
func (c *call) relative(b fhir.Bundle) (fhir.Bundle, error) {
	var edits []fhir.Edit
	for e := range b.Entries() {
		for _, name := range []string{"url", "ifNoneExist"} {
			v := e.Get("request").Get(name)
			if address, ours := c.ours(v.Str()); ours {
				start, end := v.Span(b.Value)
				edits = append(edits, fhir.Edit{Start: start, End: end, New: fhir.AppendString(nil, address)})
			}
		}
	}
	if len(edits) == 0 {
		return b, nil
	}
	r, err := fhir.Parse(fhir.Splice(b.Raw(), edits), fhir.Limits{Bytes: int(c.s.MaxBody)})
	return fhir.Bundle{Resource: r}, err
}

func (c *call) process(b fhir.Bundle) ([]store.Reply, error) {
	switch b.Kind() {
	case "transaction":
		return c.desk.Transaction(c.ctx, b)
	case "batch":
		return c.desk.BatchWith(c.ctx, b, c.operationEntry)
	}
	line, col := b.Get("type").Pos()
	return nil, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "the type of a Bundle that is posted must be transaction or batch", Expression: "Bundle.type", Line: line, Col: col})
}

// replies writes the answer, entry by entry in the order of the request. Bodies of what was
// written are there only if Prefer asks for them, those of what was read always.
func (c *call) replies(request fhir.Bundle, list []store.Reply) error {
	b, full := c.begin(request.Kind()+"-response"), preferOf(c.r).answer == "representation"
	b.links(-1)
	b.link("self", c.base(), "")
	b.entries()
	i := 0
	for e := range request.Entries() {
		b.item()
		if err := b.reply(e, list[i], full); err != nil {
			return err
		}
		i++
	}
	return b.end()
}

// reply is one entry of a response.
func (b *bundle) reply(e fhir.Entry, r store.Reply, full bool) error {
	switch {
	case r.Err != nil:
		b.failure(r.Err)
	case r.Answer != nil:
		b.answered(r)
	case r.Past && r.Method != http.MethodHead:
		return b.versions(e, r)
	case r.Page != nil && r.Method != http.MethodHead:
		return b.result(e, r)
	default:
		return b.done(r, r.Method == http.MethodGet || full && r.Method != http.MethodHead)
	}
	return nil
}

// answered is the entry of an operation that answers one resource, which is what was asked for, whatever Prefer says.
func (b *bundle) answered(r store.Reply) {
	b.text(`{"resource":`)
	b.raw(r.Answer)
	b.text(`,"response":{"status":"` + replyStatus(r) + `"}}`)
}

// done is the entry of a write or of the read of one resource.
func (b *bundle) done(r store.Reply, full bool) (err error) {
	v := r.Result.Version
	b.text("{")
	if !v.Deleted && v.ID != "" {
		b.text(`"fullUrl":`)
		b.string(b.base + "/" + v.Type + "/" + v.ID)
		b.text(",")
	}
	if full && len(v.Body) > 0 {
		body := v.Body
		if r.Asked != nil {
			body, err = subset{r.Asked.Summary, r.Asked.Elements}.of(body)
		}
		b.text(`"resource":`)
		b.raw(body)
		b.text(",")
	}
	b.text(`"response":{"status":"` + replyStatus(r) + `"`)
	if v.Number > 0 {
		if !v.Deleted {
			b.text(`,"location":`)
			b.string(place(v))
		}
		b.text(`,"etag":`)
		b.string(etag(v.Number))
		b.text(`,"lastModified":"` + v.Updated.UTC().Format(fhir.InstantFormat) + `"`)
	}
	if r.Wrote() && preferOf(b.c.r).answer == "OperationOutcome" {
		b.text(`,"outcome":`)
		b.raw(wellDone(r.Result.Effect))
	}
	b.text("}}")
	return err
}

func replyStatus(r store.Reply) string {
	switch {
	case r.Unmodified:
		return status(http.StatusNotModified)
	case r.Result.Effect == store.Created:
		return status(http.StatusCreated)
	case r.Method == http.MethodDelete:
		return status(http.StatusNoContent)
	}
	return status(http.StatusOK)
}

func status(code int) string { return strconv.Itoa(code) + " " + http.StatusText(code) }

// failure is the entry of what could not be done.
func (b *bundle) failure(err error) {
	f, code := b.c.judge(err)
	b.text(`{"response":{"status":"` + status(code) + `","outcome":`)
	b.raw(outcome(f))
	b.text(`}}`)
}

// versions is the entry of a history: a Bundle of the type history inside the response.
func (b *bundle) versions(e fhir.Entry, r store.Reply) error {
	path, query, _ := strings.Cut(strings.TrimPrefix(e.Request.URL, "/"), "?")
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		return err
	}
	b.text(`{"resource":{"resourceType":"Bundle","type":"history"`)
	outer := b.lists
	if err := b.past(b.base+"/"+path, pairs, *r.Page, subset{r.Asked.Summary, r.Asked.Elements}); err != nil {
		return err
	}
	b.close()
	b.lists = outer
	b.text(`},"response":{"status":"` + status(http.StatusOK) + `"}}`)
	return nil
}

// asked is how the page of an entry was asked for.
func asked(set *r4.ParamSet, r store.Reply, pairs []search.Pair) (search.Query, error) {
	if r.Asked != nil {
		return *r.Asked, nil
	}
	q, _, err := search.ParseIn(set, r.Type, pairs, search.Lenient)
	return q, err
}

// result is the entry of a search: a searchset inside the response.
func (b *bundle) result(e fhir.Entry, r store.Reply) error {
	path, query, _ := strings.Cut(strings.TrimPrefix(e.Request.URL, "/"), "?")
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		return err
	}
	set, err := b.c.desk.Params(b.c.ctx)
	if err != nil {
		return err
	}
	q, err := asked(set, r, pairs)
	if err != nil {
		return err
	}
	part := subset{q.Summary, q.Elements}
	b.text(`{"resource":{"resourceType":"Bundle","type":"searchset"`)
	outer := b.lists
	b.pages(strings.TrimSuffix(b.base+"/"+path, "/"), q, *r.Page)
	if len(r.Page.Warnings) > 0 {
		b.outcome(r.Page.Warnings)
	}
	if err := b.results(*r.Page, part); err != nil {
		return err
	}
	b.close()
	b.lists = outer
	b.text(`},"response":{"status":"` + status(http.StatusOK) + `"}}`)
	return nil
}
