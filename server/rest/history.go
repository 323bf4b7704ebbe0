package rest

import (
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// historyOfOne answers GET [type]/[id]/_history, historyOfType GET [type]/_history and
// historyOfAll GET _history (https://hl7.org/fhir/R4/http.html#history): newest first,
// or, with _sort=_lastUpdated, oldest first.
func (c *call) historyOfOne() error { return c.history() }

func (c *call) historyOfType() error { return c.history() }

func (c *call) historyOfAll() error { return c.history() }

func (c *call) history() error {
	q, shape, err := store.ReadHistory(c.typ, c.id, c.pairs)
	if err != nil {
		return err
	}
	p, err := c.desk.History(c.ctx, q)
	if err != nil {
		return err
	}
	b := c.begin("history")
	if err := b.past(c.here(), c.pairs, p, subset{shape.Summary, shape.Elements}); err != nil {
		return err
	}
	return b.end()
}

// past is a page of a history: its links and its versions.
func (b *bundle) past(address string, pairs []search.Pair, p store.Page, part subset) error {
	b.links(p.Total)
	b.link("self", address, search.Encode(pairs))
	if p.Next != "" {
		b.link("next", address, search.Query{Used: pairs}.Link(p.Next))
	}
	b.entries()
	for _, v := range p.Entries {
		if err := b.version(v, part); err != nil {
			return err
		}
	}
	return nil
}

// here is the address of the history.
func (c *call) here() string {
	address := c.base()
	for _, part := range []string{c.typ, c.id, "_history"} {
		if part != "" {
			address += "/" + part
		}
	}
	return address
}

// version is an entry of a history.
func (b *bundle) version(v store.Version, part subset) error {
	b.item()
	b.text(`{"fullUrl":`)
	b.string(b.base + "/" + v.Type + "/" + v.ID)
	if !v.Deleted {
		body, err := part.of(v.Body)
		if err != nil {
			return err
		}
		b.text(`,"resource":`)
		b.raw(body)
	}
	b.text(`,"request":{"method":"` + v.Method.String() + `","url":`)
	b.string(requestURL(v))
	b.text(`},"response":{"status":"` + historyStatus(v) + `","lastModified":"` + v.Updated.UTC().Format(fhir.InstantFormat) + `","etag":`)
	b.string(etag(v.Number))
	b.text(`}}`)
	return nil
}

func requestURL(v store.Version) string {
	if v.Method == store.Post {
		return v.Type
	}
	return v.Type + "/" + v.ID
}

func historyStatus(v store.Version) string {
	switch {
	case v.Deleted:
		return "204"
	case v.Number == 1 || v.Reborn:
		return "201"
	}
	return "200"
}
