package terms

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
)

// Expand implements store.Terms: the codes of a value set. A whole code system is one entry, whether it is loaded or not.
func (s *Service) Expand(ctx context.Context, tenant int32, valueSet string, most int) ([]store.Code, error) {
	lib := s.Library(ctx, tenant)
	vs, err := s.byName(ctx, lib, tenant, valueSet)
	if err != nil {
		return nil, err
	}
	systems, rest := vs.Wholes()
	codes := make([]store.Code, 0, len(systems))
	for _, system := range systems {
		codes = append(codes, store.Code{System: system})
	}
	x, err := term.Expand(lib, rest, term.Ask{Count: most, Most: most})
	if err != nil {
		return nil, err
	}
	for _, e := range x.Entries {
		codes = append(codes, store.Code{System: e.System, Code: e.Code})
	}
	return codes, nil
}

func (s *Service) byName(ctx context.Context, lib term.Library, tenant int32, valueSet string) (*term.ValueSet, error) {
	if id, ok := strings.CutPrefix(valueSet, "ValueSet/"); ok && fhir.IsID(id) {
		return s.byID(ctx, tenant, id)
	}
	vs, err := lib.ValueSet(valueSet)
	if err == nil && vs == nil {
		err = fault.New(fault.Unknown, "the value set %s is not loaded: add the package that has it (ficus admin package add), or store it", shown(valueSet))
	}
	return vs, err
}

func (s *Service) byID(ctx context.Context, tenant int32, id string) (*term.ValueSet, error) {
	found, err := s.store.Fetch(ctx, tenant, []store.Key{{Type: "ValueSet", ID: id}})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Deleted {
		return nil, fault.New(fault.Unknown, "there is no ValueSet/%s", id)
	}
	r, err := found[0].Resource()
	if err != nil {
		return nil, err
	}
	return term.ReadValueSet(r)
}

// Below implements store.Terms: a code and those that it subsumes.
func (s *Service) Below(ctx context.Context, tenant int32, c store.Code, most int) ([]store.Code, error) {
	return s.related(ctx, tenant, c, most, func(cs *term.CodeSystem, other string) bool { return cs.Subsumes(c.Code, other) })
}

// Above implements store.Terms: a code and those that subsume it.
func (s *Service) Above(ctx context.Context, tenant int32, c store.Code, most int) ([]store.Code, error) {
	return s.related(ctx, tenant, c, most, func(cs *term.CodeSystem, other string) bool { return cs.Subsumes(other, c.Code) })
}

func (s *Service) related(ctx context.Context, tenant int32, c store.Code, most int, is func(*term.CodeSystem, string) bool) ([]store.Code, error) {
	cs, err := s.Library(ctx, tenant).CodeSystem(c.System)
	if err != nil {
		return nil, err
	}
	if cs == nil || cs.Empty() {
		return nil, fault.New(fault.Unknown, "the code system %s is not loaded: add the package that has it (ficus admin package add), load a list of codes (ficus admin codes), or store it", shown(c.System))
	}
	if cs.Find(c.Code) == nil {
		return nil, noCode(cs)
	}
	var out []store.Code
	for concept := range cs.All() {
		if is(cs, concept.Code) {
			if out = append(out, store.Code{System: cs.URL, Code: concept.Code}); len(out) == most {
				break
			}
		}
	}
	return out, nil
}
