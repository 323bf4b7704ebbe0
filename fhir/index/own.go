package index

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Own are search parameters of a tenant that are not in R4, compiled. It never changes; nil has none. Each has rows of its
// own under its key. An expression that cannot be evaluated on a resource, within the budget of fhir/path, gives it no rows
// there: what a tenant has written into a definition must not keep its resources from being stored.
type Own struct{ plans map[string][]ownPlan } // by resource type

// What the expressions of one parameter may cost together on one resource: some ten milliseconds.
const (
	ownSteps        = 100_000
	bytesPerOwnStep = 16 // of the resource, for one step more
	ownItems        = 10_000
)

type ownPlan struct {
	def  r4.Param
	plan *plan
}

// NewOwn compiles parameters. Faults: Invalid for an expression or a composite that cannot be indexed, with its place.
func NewOwn(set *r4.ParamSet) (*Own, error) {
	if set == nil {
		return nil, nil
	}
	o := &Own{plans: map[string][]ownPlan{}}
	for _, t := range r4.Resources() {
		for _, def := range set.Own(t) {
			p, err := ownPlanOf(t, def)
			if err != nil {
				return nil, err
			}
			o.plans[t] = append(o.plans[t], p)
		}
	}
	return o, nil
}

func ownPlanOf(t string, def r4.Param) (ownPlan, error) {
	if err := indexable(def); err != nil {
		return ownPlan{}, err
	}
	p := &plan{info: r4.Lookup(t), own: true}
	if err := p.add(def, map[string]int{}); err != nil {
		return ownPlan{}, err
	}
	return ownPlan{def: def, plan: p}, nil
}

// indexable refuses what has no form in the index.
func indexable(def r4.Param) error {
	if def.Type != "composite" {
		if emitters[def.Type] == nil || def.Type == "special" {
			return fault.New(fault.Unprocessable, "search parameters of type %s cannot be indexed", def.Type)
		}
		return nil
	}
	tokens, amounts, others := 0, 0, 0
	for _, c := range def.Components {
		switch c.Type {
		case "token":
			tokens++
		case "number", "quantity":
			amounts++
		case "string", "date", "reference":
			others++
		default:
			return fault.New(fault.Unprocessable, "a component of type %s cannot be indexed; token, string, date, number, quantity and reference can", c.Type)
		}
	}
	n := len(def.Components)
	if tokens == 0 || n != 2 && !(n == 3 && tokens == 1 && amounts == 2) || others > 0 && n != 2 {
		return fault.New(fault.Unprocessable, "a composite is indexed if it has two components, one of them a token, or a token and two numbers or quantities")
	}
	return nil
}

// run adds the rows of a tenant's own parameters to those of R4, and gives the numbers of those whose expression could not be
// evaluated.
func (o *Own) run(e *emitter, resourceType string, present uint64) (faults []uint16) {
	if o == nil {
		return nil
	}
	for _, p := range o.plans[resourceType] {
		before := e.mark()
		if err := e.run(p.plan, present); err != nil {
			e.back(before)
			faults = append(faults, p.def.ID)
		}
		for i := before[4]; i < len(e.rows.Ref); i++ {
			e.rows.Ref[i].Own = true
		}
	}
	return faults
}

// mark is how many rows there are of each kind.
func (e *emitter) mark() [9]int {
	r := &e.rows
	return [9]int{len(r.Token), len(r.String), len(r.Date), len(r.Number), len(r.Ref), len(r.Units), len(r.Params), len(r.Values), len(r.Codes)}
}

// back drops the rows behind a mark.
func (e *emitter) back(to [9]int) {
	r := &e.rows
	r.Token, r.String, r.Date, r.Number = r.Token[:to[0]], r.String[:to[1]], r.Date[:to[2]], r.Number[:to[3]]
	r.Ref, r.Units, r.Params = r.Ref[:to[4]], r.Units[:to[5]], r.Params[:to[6]]
	r.Values, r.Codes = r.Values[:to[7]], r.Codes[:to[8]]
}

// Alone gives the rows of a tenant's own parameters without those of R4, and the numbers of those whose expression could
// not be evaluated on the resource.
func (o *Own) Alone(r fhir.Resource, h Hasher) (rows Rows, faults []uint16) {
	if o == nil || o.plans[r.Type()] == nil {
		return Rows{}, nil
	}
	e := emitterPool.Get().(*emitter)
	defer e.release()
	e.h, e.root = h, path.Root(r)
	faults = o.run(e, r.Type(), o.plans[r.Type()][0].plan.present(r))
	return e.finish(), faults
}

// Pointers is the function Pointers for the tenant's own parameters too; they are told by their keys.
func (o *Own) Pointers(r fhir.Resource, want func(key string) bool) ([]Pointer, error) {
	list, err := Pointers(r, want)
	if err != nil || o == nil {
		return list, err
	}
	for _, p := range o.plans[r.Type()] {
		if more, err := p.plan.pointers(r, want); err == nil { // an expression that fails points at nothing
			list = append(list, more...)
		}
	}
	return list, nil
}

// OrderToken is the function OrderToken for the tenant's own parameters too; they are told by their keys.
func (o *Own) OrderToken(r fhir.Resource, key string, last bool) (code string, ok bool, err error) {
	if _, own := r4.ParamNumber(key); !own || o == nil {
		return OrderToken(r, key, last)
	}
	for _, p := range o.plans[r.Type()] {
		if p.def.Key() == key {
			code, ok, err = p.plan.orderToken(r, key, last)
		}
	}
	if err != nil { // an expression that fails has no value
		return "", false, nil
	}
	return code, ok, nil
}
