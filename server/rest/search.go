package rest

import (
	"mime"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// search answers GET [type]?... (https://hl7.org/fhir/R4/http.html#search).
func (c *call) search() error {
	handling := preferOf(c.r).handling
	q, ignored, err := search.Parse(c.typ, c.pairs, handling)
	if err != nil {
		return err
	}
	if q.Summary == search.SummaryCount || q.Count == 0 {
		q.Count, q.Total = 0, search.TotalAccurate
	}
	c.subset = subset{q.Summary, q.Elements}
	p, err := c.desk.Search(c.ctx, q)
	if err != nil {
		return err
	}
	return c.found(c.base()+"/"+c.typ, q, p, ignored)
}

// searchForm answers POST [type]/_search: the parameters of the address and of the form together.
func (c *call) searchForm() error {
	media, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" || !utf8Charset(params) {
		return fault.New(fault.Unsupported, "the body of a search must be application/x-www-form-urlencoded")
	}
	form, err := c.body(min(maxForm, c.s.MaxBody))
	if err != nil {
		return err
	}
	pairs, err := search.ParseQueryString(string(form))
	if err != nil {
		return err
	}
	if err := c.general(pairs); err != nil {
		return err
	}
	return c.search()
}

// found writes a searchset.
func (c *call) found(address string, q search.Query, p store.Page, ignored []fault.Issue) error {
	b := c.begin("searchset")
	b.pages(address, q, p)
	if len(ignored) > 0 {
		b.outcome(ignored)
	}
	if err := b.results(p, c.subset); err != nil {
		return err
	}
	return b.end()
}

// results are the entries of a searchset: the matches, and what they include, of which
// _elements, named for the type of the matches, cuts nothing off.
func (b *bundle) results(p store.Page, part subset) error {
	for _, v := range p.Entries {
		if err := b.match(v, part, "match"); err != nil {
			return err
		}
	}
	for _, v := range p.Included {
		if err := b.match(v, subset{summary: part.summary}, "include"); err != nil {
			return err
		}
	}
	return nil
}

// outcome is an entry that says what was not done.
func (b *bundle) outcome(issues []fault.Issue) {
	b.item()
	b.text(`{"resource":`)
	b.raw(fhir.Outcome("warning", issues...).JSON())
	b.text(`,"search":{"mode":"outcome"}}`)
}

// match is an entry of a searchset.
func (b *bundle) match(v store.Version, part subset, mode string) error {
	body, err := part.of(v.Body)
	if err != nil {
		return err
	}
	b.item()
	b.text(`{"fullUrl":`)
	b.string(b.base + "/" + v.Type + "/" + v.ID)
	b.text(`,"resource":`)
	b.raw(body)
	b.text(`,"search":{"mode":"` + mode + `"}}`)
	return nil
}
