package rest

import (
	"cmp"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// searches routes all searches (https://hl7.org/fhir/R4/http.html#search): of a type, of several, of what
// belongs to a resource, each by GET with the parameters in the address or by POST with a form.
func (s *Server) searches() {
	get, post := (*call).search, (*call).searchForm
	s.route("/_search", verbs{http.MethodGet: get, http.MethodPost: post})
	s.route("/{type}/_search", verbs{http.MethodPost: post})
	s.route("/{type}/{id}/_search", verbs{http.MethodPost: post})
	s.route("/{type}/{id}/{member}", verbs{http.MethodGet: get})
	s.route("/{type}/{id}/{member}/{last}", verbs{http.MethodPost: post}) // the mux takes no _search here, because of _history/{version}
}

// search answers GET [base]?, [type]? and [compartment]/[id]/[type]?, where the last may be *.
func (c *call) search() error {
	typ, of, path, err := c.within()
	if err != nil {
		return err
	}
	if err := c.lift(); err != nil {
		return err
	}
	set, err := c.desk.Params(c.ctx)
	if err != nil {
		return err
	}
	q, ignored, err := search.ParseIn(set, typ, c.pairs, preferOf(c.r).handling)
	if err != nil {
		return err
	}
	if q.Summary == search.SummaryCount || q.Count == 0 {
		q.Count, q.Total = 0, search.TotalAccurate
	}
	if err := textAlone(q); err != nil {
		return err
	}
	q.Compartment = of
	c.subset = subset{q.Summary, q.Elements}
	p, err := c.desk.Search(c.ctx, q)
	if err != nil {
		return err
	}
	return c.found(path, q, p, ignored)
}

// within reads what is searched: a type ("" is several) and a compartment, and the path at which that is asked with GET.
func (c *call) within() (typ string, of search.Compartment, path string, err error) {
	member, last := c.r.PathValue("member"), c.r.PathValue("last")
	switch {
	case last != "" && last != "_search":
		return "", of, "", nothingHere()
	case c.id == "" && c.typ == "":
		return "", of, root, nil
	case c.id == "":
		return c.typ, of, root + "/" + c.typ, nil
	case !hasCompartment(c.typ):
		return "", of, "", fault.At(fault.Unknown, fault.Issue{Code: "not-supported", Text: "resources of type " + c.typ + " have no compartment; " + strings.Join(compartments[:], ", ") + " have"})
	case member == "" || member == "*":
		member = ""
	case !known(member):
		return "", of, "", nothingHere()
	}
	path = root + "/" + c.typ + "/" + c.id + "/" + cmp.Or(member, "*")
	return member, search.Compartment{Type: c.typ, ID: c.id}, path, nil
}

// compartments are the types of R4 that have one (https://hl7.org/fhir/R4/compartmentdefinition.html).
var compartments = [...]string{"Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"}

func hasCompartment(typ string) bool { return slices.Contains(compartments[:], typ) }

func nothingHere() error { return fault.New(fault.Unknown, "there is nothing at this address") }

// textAlone refuses what the specification does: included resources without the elements that tell why they are there.
func textAlone(q search.Query) error {
	if q.Summary != search.SummaryText || len(q.Includes) == 0 {
		return nil
	}
	return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "_summary=text cannot be asked together with _include or _revinclude", Expression: "http._summary"})
}

// searchForm answers POST [...]/_search: the parameters of the address and of the form together.
func (c *call) searchForm() error {
	if _, _, _, err := c.within(); err != nil {
		return err
	}
	if c.r.ContentLength == 0 && c.r.Header.Get("Content-Type") == "" { // all parameters are in the address
		c.form = true
		return c.search()
	}
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
	c.veiled, c.form = true, true
	return c.search()
}

// found writes a searchset.
func (c *call) found(path string, q search.Query, p store.Page, ignored []fault.Issue) error {
	b := c.begin("searchset")
	if err := b.linked(path, q, p); err != nil {
		return err
	}
	if warnings := slices.Concat(ignored, p.Warnings); len(warnings) > 0 {
		b.outcome(warnings)
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

// fullURL is the address of a resource; that of a contained one is its container's with its id as the fragment
// (https://hl7.org/fhir/R4/search.html#contained).
func fullURL(base string, v store.Version) string {
	url := base + "/" + v.Type + "/" + v.ID
	if v.Within != "" {
		url += "#" + v.Within
	}
	return url
}

// match is an entry of a searchset.
func (b *bundle) match(v store.Version, part subset, mode string) error {
	body, err := part.of(v.Body)
	if err != nil {
		return err
	}
	b.item()
	b.text(`{"fullUrl":`)
	b.string(fullURL(b.base, v))
	b.text(`,"resource":`)
	b.raw(body)
	b.text(`,"search":{"mode":"` + mode + `"}}`)
	return nil
}
