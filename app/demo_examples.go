package app

import (
	"context"
	"net/url"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// examples are two queries that find something: a patient by family name, and his results.
func (a *Tenancy) examples(ctx context.Context) ([]string, error) {
	patient := ""
	observation, err := a.first(ctx, "Observation")
	if err != nil {
		return nil, err
	}
	if _, id, ok := strings.Cut(observation.Get("subject").Get("reference").Str(), "Patient/"); ok {
		patient = id
	}
	p, err := a.first(ctx, "Patient", search.Pair{Name: "_id", Value: patient})
	if err != nil || !p.Exists() {
		return []string{"Patient?_count=3", "Appointment?_count=3"}, err
	}
	found := []string{"Patient/" + p.ID()}
	if family := p.Get("name").At(0).Get("family").Str(); family != "" {
		found[0] = "Patient?family=" + url.QueryEscape(family)
	}
	if observation.Exists() {
		return append(found, "Observation?subject=Patient/"+p.ID()+"&_count=2"), nil
	}
	return append(found, "Appointment?_count=2"), nil
}

// first is the first resource of a type, absent if there is none.
func (a *Tenancy) first(ctx context.Context, typ string, pairs ...search.Pair) (fhir.Resource, error) {
	var given []search.Pair
	for _, p := range pairs {
		if p.Value != "" {
			given = append(given, p)
		}
	}
	q, _, err := search.Parse(typ, append(given, search.Pair{Name: "_count", Value: "1"}), search.Strict)
	if err != nil {
		return fhir.Resource{}, err
	}
	page, err := a.Store.As(a.operator()).Search(ctx, q)
	if err != nil || len(page.Entries) == 0 {
		return fhir.Resource{}, err
	}
	return page.Entries[0].Resource()
}
