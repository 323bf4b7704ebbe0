package terms

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/validate"
)

// Validator checks resources by what a tenant has stored and what R4 publishes. It is meant for one request. resolve finds
// the targets of references; nil: they are not looked at.
func (s *Service) Validator(ctx context.Context, tenant int32, resolve func(string) (fhir.Resource, bool)) *validate.Validator {
	return validate.New(validate.Options{
		Terms: s.Library(ctx, tenant), Resolve: resolve, Strict: s.strict, Done: ctx.Done(),
		Profiles: func(canonical string) (*validate.Profile, bool) {
			p, ok, err := stored(ctx, s, tenant, "StructureDefinition", canonical, readProfile)
			return p, ok && err == nil
		},
		Questionnaires: func(canonical string) (fhir.Resource, bool) {
			q, ok, err := stored(ctx, s, tenant, "Questionnaire", canonical, itself)
			return q, ok && err == nil
		},
	})
}

func itself(r fhir.Resource) (fhir.Resource, error) { return r, nil }

func readProfile(r fhir.Resource) (*validate.Profile, error) { return validate.ReadProfile(r), nil }

// validate is $validate (https://hl7.org/fhir/R4/resource-operation-validate.html). Its answer is an OperationOutcome,
// whatever it says; only what cannot be read is a fault. With the mode create, update or delete it also says what the store would say to
// that write.
func (s *Service) validate() operation.Operation {
	return operation.Operation{
		Code: "validate", Definition: definition("Resource-validate"), On: operation.OnType | operation.OnInstance, Types: []string{"Resource"}, Right: access.Read,
		In: []operation.Param{{Name: "resource", Type: "Resource"}, {Name: "mode", Type: "code"}, {Name: "profile", Type: "uri", Many: true}},
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			r, err := subject(ctx, desk, c)
			if err != nil {
				return operation.Answer{}, err
			}
			issues := forMode(c, r)
			mistaken := len(issues) > 0
			if r.Exists() && c.In.Text("mode") != "delete" {
				v := s.Validator(ctx, desk.Tenant(), targets(ctx, desk))
				found, err := v.Check(r, c.In.Texts("profile")...)
				if err != nil {
					return operation.Answer{}, err
				}
				issues = append(issues, found...)
			}
			if mistaken {
				return operation.Resource(outcome(issues)), nil
			}
			said, err := rehearsal(ctx, desk, c, r)
			if err != nil {
				return operation.Answer{}, err
			}
			issues = join(issues, said)
			return operation.Resource(outcome(issues)), nil
		},
	}
}

// subject is the resource to be checked: the one that came, or the one of the instance.
func subject(ctx context.Context, desk *store.Desk, c operation.Call) (fhir.Resource, error) {
	switch mode := c.In.Text("mode"); mode {
	case "", "create", "update", "profile", "delete":
	default:
		return fhir.Resource{}, fault.At(fault.Invalid, fault.Issue{Code: "invalid", Expression: "Parameters.parameter", Text: "the mode is create, update, delete or profile"})
	}
	r := c.In.Resource("resource")
	if r.Exists() && c.In.Text("mode") != "delete" {
		return r, nil
	}
	if c.ID == "" {
		return r, fault.At(fault.Invalid, fault.Issue{Code: "required", Expression: "Parameters.parameter", Text: "there is nothing to check: send a resource, or call the operation on one"})
	}
	v, err := desk.Read(ctx, c.Type, c.ID)
	if err != nil {
		return r, err
	}
	return v.Resource()
}

// forMode is what the interaction asks beyond the resource itself.
func forMode(c operation.Call, r fhir.Resource) []fault.Issue {
	var out []fault.Issue
	if r.Type() != c.Type && c.Type != "Resource" {
		out = append(out, fault.Issue{Code: "invalid", Expression: r.Type(), Text: "the resource is not of the type on which the operation is called"})
	}
	if c.In.Text("mode") == "update" {
		switch id := r.ID(); {
		case id == "":
			out = append(out, fault.Issue{Code: "required", Expression: r.Type() + ".id", Text: "an update needs the id of the resource"})
		case c.ID != "" && id != c.ID:
			out = append(out, fault.Issue{Code: "invalid", Expression: r.Type() + ".id", Text: "the id is not that of the instance on which the operation is called"})
		}
	}
	return out
}

// targets finds what references point to, as far as the caller may see it.
func targets(ctx context.Context, desk *store.Desk) func(string) (fhir.Resource, bool) {
	left := mostTargets
	return func(reference string) (fhir.Resource, bool) {
		ref := fhir.ParseRef(reference)
		if ref.Kind != fhir.RefRelative || ref.Version != "" || left == 0 {
			return fhir.Resource{}, false
		}
		left--
		v, err := desk.Read(ctx, ref.Type, ref.ID)
		if err != nil {
			return fhir.Resource{}, false
		}
		r, err := v.Resource()
		return r, err == nil
	}
}

// mostTargets bounds how many targets one call reads.
const mostTargets = 200

func outcome(issues []fault.Issue) *fhir.Obj {
	if len(issues) == 0 {
		return fhir.Outcome("information", fault.Issue{Code: "informational", Text: "nothing is wrong with the resource", Warning: true, Info: true})
	}
	return fhir.Outcome("error", issues...)
}
