package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// Terms is the terminology that searches ask for the modifiers :in, :not-in, :above and :below of codes. It answers for one
// tenant, with more codes than most in one list left out or not as it likes, and must not ask the store for a search that
// asks it again. Faults: Unknown for a value set or code system that it does not have, TooCostly.
type Terms interface {
	// Expand lists the codes of a value set, named by its canonical URL (|version allowed) or as ValueSet/id. A code "" stands
	// for all of its system.
	Expand(ctx context.Context, tenant int32, valueSet string, most int) ([]Code, error)
	// Below lists a code and those that it subsumes.
	Below(ctx context.Context, tenant int32, c Code, most int) ([]Code, error)
	// Above lists a code and those that subsume it.
	Above(ctx context.Context, tenant int32, c Code, most int) ([]Code, error)
}

// JoinTerms gives the store its terminology, before the first search. Without one, searches that need it are refused.
func (s *Store) JoinTerms(t Terms) { s.terms = t }

// Code is a code of a code system.
type Code struct{ System, Code string }

// maxConcepts is how many codes one search may look for, or all conditions of one write.
const maxConcepts = 20_000

// concepts looks for the codes that the terminology names.
func (c *compiler) concepts(k search.Clause, v search.Value) ([]probe, error) {
	if c.terms == nil {
		return nil, c.cannot(k, "has the modifier :"+string(k.Modifier)+", for which this server has no terminology")
	}
	if named := k.Modifier == search.In || k.Modifier == search.NotIn; !named && (v.System == "" || v.Code == "") {
		return nil, c.refused(k, "value", "must be system|code with the modifier :"+string(k.Modifier))
	}
	codes, err := c.ask(k, v)
	if err != nil {
		return nil, c.lacks(k, err)
	}
	if c.spent.codes += len(codes); c.spent.codes > maxConcepts {
		return nil, tooManyCodes(k)
	}
	var out []probe
	listed := codes[:0:0]
	for _, x := range codes {
		if x.Code == "" {
			out = append(out, c.ofSystem(k, x.System)...)
		} else {
			listed = append(listed, x)
		}
	}
	return append(out, c.anyCode(k.Code, listed)...), nil
}

// lacks says why the terminology does not answer. Whatever it is that the search names - not loaded, not to be expanded, of no use -
// the search is refused as one that cannot be answered; only what is too large is too costly.
func (c *compiler) lacks(k search.Clause, err error) error {
	f := fault.Find(err)
	if f == nil {
		return err
	}
	switch f.Kind {
	case fault.TooCostly:
		return tooManyCodes(k)
	case fault.Unknown:
		return c.refused(k, "not-found", "cannot be answered: "+f.Text)
	case fault.Invalid, fault.Unprocessable:
		return c.cannot(k, "cannot be answered: "+f.Text)
	}
	return err
}

func tooManyCodes(k search.Clause) error {
	name := search.Printable(k.Name)
	return fault.At(fault.TooCostly, fault.Issue{Code: "too-costly", Expression: "http." + name,
		Text: "search parameter " + name + " stands for more than 20000 codes, all conditions of the request together: name a smaller value set, or a whole code system (its url with ?fhir_vs)"})
}

// conceptual reports whether the terminology is asked.
func conceptual(k search.Clause) bool {
	switch k.Modifier {
	case search.In, search.NotIn, search.Above, search.Below:
		return k.Param.Type == "token"
	}
	return false
}

func (c *compiler) ask(k search.Clause, v search.Value) ([]Code, error) {
	const most = maxConcepts + 1
	if k.Modifier == search.In || k.Modifier == search.NotIn {
		return c.terms.Expand(c.ctx, c.k.tenant, v.Text, most)
	}
	if k.Modifier == search.Above {
		return c.terms.Above(c.ctx, c.k.tenant, Code{v.System, v.Code}, most)
	}
	return c.terms.Below(c.ctx, c.k.tenant, Code{v.System, v.Code}, most)
}

// manyCodes is how many codes are still asked of each resource, one by one.
const manyCodes = 64

// anyCode is one look-up for each system.
func (c *compiler) anyCode(param string, codes []Code) (out []probe) {
	bySystem := map[string][]int64{}
	var systems []string
	for _, x := range codes {
		if bySystem[x.System] == nil {
			systems = append(systems, x.System)
		}
		bySystem[x.System] = append(bySystem[x.System], c.h.TokenCode(c.typ, param, x.Code))
	}
	for _, system := range systems {
		hashes := bySystem[system]
		out = append(out, probe{table: "ix_token", where: []test{hashedWithin(hashes), where("x.system = ?", c.h.Unit(system))}, whole: len(hashes) > manyCodes})
	}
	return out
}

// within compares a column with a list that travels as one argument.
func within(column string, list []int64) test {
	return test{text: db.Text{SQLite: column + " IN (SELECT value FROM json_each(?))", Postgres: column + " = ANY(CAST(? AS bigint[]))"}, args: []any{list}}
}

func hashedWithin(hashes []int64) test {
	t := within("x.hash", hashes)
	t.hashed = true
	return t
}
