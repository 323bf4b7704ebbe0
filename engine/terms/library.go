package terms

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
	"github.com/ficushealth/ficus/fhir/term"
)

// library is the terminology of one tenant for the time of one request: each name is looked up once.
type library struct {
	ctx     context.Context
	s       *Service
	tenant  int32
	systems map[string]*term.CodeSystem
	sets    map[string]*term.ValueSet
}

// Library is what a tenant has stored and what R4 publishes. It is meant for one request and one goroutine.
func (s *Service) Library(ctx context.Context, tenant int32) term.Library {
	return &library{ctx, s, tenant, map[string]*term.CodeSystem{}, map[string]*term.ValueSet{}}
}

func (l *library) CodeSystem(canonical string) (*term.CodeSystem, error) {
	if cs, ok := l.systems[canonical]; ok {
		return cs, nil
	}
	cs, ok, err := stored(l.ctx, l.s, l.tenant, "CodeSystem", canonical, term.ReadCodeSystem)
	if err == nil && !ok {
		cs, err = term.Base().CodeSystem(canonical)
	}
	if err == nil {
		l.systems[canonical] = cs
	}
	return cs, err
}

func (l *library) ValueSet(canonical string) (*term.ValueSet, error) {
	if vs, ok := l.sets[canonical]; ok {
		return vs, nil
	}
	vs, ok, err := stored(l.ctx, l.s, l.tenant, "ValueSet", canonical, term.ReadValueSet)
	if err == nil && !ok {
		if vs, err = term.Base().ValueSet(canonical); err == nil && vs == nil {
			vs, err = l.implicit(canonical)
		}
	}
	if err == nil {
		l.sets[canonical] = vs
	}
	return vs, err
}

// implicit is the value set of all codes of a system, which a system names or SNOMED CT and LOINC imply.
func (l *library) implicit(canonical string) (*term.ValueSet, error) {
	return term.Implicit(canonical)
}

// versions are those in which a definition is there.
func (l *library) versions(typ, url string) (out []string, err error) {
	q, _, err := search.Parse(typ, []search.Pair{{Name: "url", Value: search.Escape(url)}, {Name: "_count", Value: "20"}}, search.Strict)
	if err != nil {
		return nil, err
	}
	page, err := l.s.store.As(access.Inside(l.tenant, "terms")).Search(l.ctx, q)
	if err != nil {
		return nil, err
	}
	for _, v := range page.Entries {
		r, err := fhir.Parse(v.Body, fhir.Limits{})
		if err != nil {
			return nil, err
		}
		out = append(out, r.Get("version").Str())
	}
	if raw, ok := r4.Canonical(typ, url); ok {
		r, err := fhir.Parse(raw, fhir.Limits{})
		if err != nil {
			return nil, err
		}
		out = append(out, r.Get("version").Str())
	}
	out = slices.DeleteFunc(out, func(v string) bool { return v == "" })
	slices.Sort(out)
	return slices.Compact(out), nil
}

func readMap(r fhir.Resource) (*term.ConceptMap, error) { return term.ReadConceptMap(r), nil }

// conceptMap is a map that is stored or that R4 publishes, nil if there is none.
func (l *library) conceptMap(canonical string) (*term.ConceptMap, error) {
	m, ok, err := stored(l.ctx, l.s, l.tenant, "ConceptMap", canonical, readMap)
	if err != nil || ok {
		return m, err
	}
	return term.Base().ConceptMap(canonical)
}

// mapsBetween are the maps from one value set to another, those that are stored before those of R4; "" is any.
func (s *Service) mapsBetween(ctx context.Context, tenant int32, source, target string) ([]*term.ConceptMap, error) {
	out, err := s.storedMaps(ctx, tenant)
	if err != nil {
		return nil, err
	}
	published, err := term.Base().ConceptMaps()
	if err != nil {
		return nil, err
	}
	for _, m := range published {
		if !slices.ContainsFunc(out, func(own *term.ConceptMap) bool { return own.URL == m.URL }) {
			out = append(out, m)
		}
	}
	return slices.DeleteFunc(out, func(m *term.ConceptMap) bool {
		return source != "" && m.SourceSet != source || target != "" && m.TargetSet != target
	}), nil
}

func (s *Service) storedMaps(ctx context.Context, tenant int32) (out []*term.ConceptMap, err error) {
	q, _, err := search.Parse("ConceptMap", []search.Pair{{Name: "_count", Value: "1000"}}, search.Strict)
	if err != nil {
		return nil, err
	}
	page, err := s.store.As(access.Inside(tenant, "terms")).Search(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, v := range page.Entries {
		r, err := v.Resource()
		if err != nil {
			return nil, err
		}
		out = append(out, term.ReadConceptMap(r))
	}
	return out, nil
}
