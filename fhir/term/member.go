package term

import (
	"slices"

	"github.com/ficushealth/ficus/fault"
)

// Answer is what is known of a code and a value set.
type Answer struct {
	In       Verdict
	Missing  []string      // canonical urls of the systems and sets without which it is not known
	Lacks    []fault.Issue // what filters of the set ask for and its code systems do not have, so that it is not known
	Display  string        // of the code, where it is known
	System   string        // of the code, found where none was given
	Inactive bool
	NotInCS  bool // the code is not in its own system
}

// Contains says whether a coding is in a value set. A code without a system is looked for in every system of the set.
// Faults: Unprocessable where sets import each other in circles; those of the library.
func Contains(lib Library, vs *ValueSet, c Coding) (Answer, error) {
	q := question{lib: lib}
	in, err := q.set(vs, c)
	if err != nil {
		return Answer{}, err
	}
	q.answer.In = in
	if in == Yes {
		q.answer.Missing, q.answer.Lacks = nil, nil
	}
	if q.answer.System == "" {
		q.answer.System = c.System
	}
	return q.answer, q.about(c)
}

// Why says what is lacking where it is not known whether a code is in the set.
func (a Answer) Why(lib Library) fault.Issue {
	if len(a.Lacks) > 0 {
		return a.Lacks[0]
	}
	return fault.Issue{Code: "not-found", Text: told(lib, a.Missing)}
}

// question is one Contains on its way.
type question struct {
	lib    Library
	way    []string // sets that import each other
	answer Answer
}

// mostImports is how deep sets may import each other.
const mostImports = 32

func (q *question) set(vs *ValueSet, c Coding) (Verdict, error) {
	leave, err := q.enter(vs.URL)
	if err != nil {
		return Unknown, err
	}
	defer leave()
	if len(vs.Include) == 0 {
		return q.listed(vs, c), nil
	}
	in, err := q.anyOf(vs.Include, c)
	switch {
	case err != nil || in == No:
		return in, err
	case vs.ActiveOnly && q.inactive(c):
		return No, nil
	case len(vs.Exclude) == 0:
		return in, nil
	}
	out, err := q.anyOf(vs.Exclude, c)
	return in.and(out.not()), err
}

// inactive says whether the code is known to be out of use in its system.
func (q *question) inactive(c Coding) bool {
	system := c.System
	if system == "" {
		system = q.answer.System
	}
	cs, err := q.lib.CodeSystem(canonical(system, c.Version))
	if err != nil || cs == nil {
		return false
	}
	concept := cs.Find(c.Code)
	return concept != nil && concept.Inactive
}

// enter refuses sets that import each other in a circle.
func (q *question) enter(url string) (leave func(), err error) {
	if url != "" && slices.Contains(q.way, url) {
		return nil, fault.New(fault.Unprocessable, "the value set %s imports itself", url)
	}
	if len(q.way) == mostImports {
		return nil, fault.New(fault.Unprocessable, "the value set %s imports too many others, one through the other", q.way[0])
	}
	q.way = append(q.way, url)
	return func() { q.way = q.way[:len(q.way)-1] }, nil
}

func (q *question) listed(vs *ValueSet, c Coding) Verdict {
	for _, i := range vs.byCode[c.Code] {
		if e := &vs.Listed[i]; c.System == "" || e.System == c.System {
			q.found(e.System, e.Display)
			return verdict(!e.Abstract)
		}
	}
	return No
}

func (q *question) found(system, display string) {
	if q.answer.System == "" {
		q.answer.System = system
	}
	if q.answer.Display == "" {
		q.answer.Display = display
	}
}

func (q *question) anyOf(clauses []Clause, c Coding) (Verdict, error) {
	in := No
	for i := range clauses {
		v, err := q.clause(&clauses[i], c)
		if err != nil || v == Yes {
			return v, err
		}
		in = in.or(v)
	}
	return in, nil
}

func (q *question) clause(cl *Clause, c Coding) (Verdict, error) {
	in := Yes
	if cl.System != "" {
		if in = q.inSystem(cl, c); in == No {
			return No, nil
		}
	}
	for _, url := range cl.Sets {
		v, err := q.imported(url, c)
		if err != nil || v == No {
			return v, err
		}
		in = in.and(v)
	}
	return in, nil
}

func (q *question) imported(url string, c Coding) (Verdict, error) {
	vs, err := q.lib.ValueSet(url)
	if err != nil {
		return Unknown, err
	}
	if vs == nil {
		q.missing(url)
		return Unknown, nil
	}
	return q.set(vs, c)
}

func (q *question) missing(url string) {
	if !slices.Contains(q.answer.Missing, url) {
		q.answer.Missing = append(q.answer.Missing, url)
	}
}

// inSystem is the part of a clause that speaks of one code system.
func (q *question) inSystem(cl *Clause, c Coding) Verdict {
	if c.System != "" && c.System != cl.System {
		return No
	}
	if cl.Concepts != nil {
		return q.chosen(cl, c)
	}
	if Malformed(cl.System, c.Code) {
		return No
	}
	if valid, known := Grammatical(cl.System, c.Code); known && len(cl.Filters) == 0 {
		if valid {
			q.found(cl.System, "")
		}
		return verdict(valid)
	}
	cs, err := q.lib.CodeSystem(canonical(cl.System, cl.Version))
	if err != nil || cs == nil {
		q.missing(canonical(cl.System, cl.Version))
		return Unknown
	}
	return q.selected(cs, cl, c)
}

// chosen looks among codes that are named one by one. Where case does not count, the system says so; a code that the system
// does not have is not in the set although it is named.
func (q *question) chosen(cl *Clause, c Coding) Verdict {
	cs, err := q.lib.CodeSystem(canonical(cl.System, cl.Version))
	if err != nil {
		cs = nil // the names alone decide, as where the system is not loaded
	}
	i, ok := cl.codes[c.Code]
	if !ok && cs != nil && cs.Folded {
		i, ok = cl.folded(cs, c.Code)
	}
	if !ok || cs != nil && cs.Has(c.Code) == No {
		return No
	}
	q.found(cl.System, cl.Concepts[i].Display)
	return Yes
}

func (cl *Clause) folded(cs *CodeSystem, code string) (int32, bool) {
	i := slices.IndexFunc(cl.Concepts, func(c Choice) bool { return cs.compare(c.Code, code) == 0 })
	return int32(i), i >= 0
}

func (q *question) selected(cs *CodeSystem, cl *Clause, c Coding) Verdict {
	i := cs.place(c.Code)
	if i < 0 {
		if !cs.Whole() {
			q.missing(canonical(cl.System, cl.Version))
			return Unknown
		}
		return No
	}
	in := Yes
	for _, f := range cl.Filters {
		in = in.and(q.filtered(cs, f, i))
	}
	if in == Yes {
		q.found(cl.System, cs.concepts[i].Display)
	}
	return in
}

// filtered says whether a filter takes a concept. One that asks for what the system does not have takes and leaves none.
func (q *question) filtered(cs *CodeSystem, f Filter, i int32) Verdict {
	if lack, ok := cs.serves(f); !ok {
		if !slices.Contains(q.answer.Lacks, lack) {
			q.answer.Lacks = append(q.answer.Lacks, lack)
		}
		return Unknown
	}
	in := f.takes(cs, i)
	if in == Unknown {
		q.missing(canonical(cs.URL, cs.Version))
	}
	return in
}

// about adds what the code system says of the code.
func (q *question) about(c Coding) error {
	if q.answer.System == "" {
		return nil
	}
	cs, err := q.lib.CodeSystem(canonical(q.answer.System, c.Version))
	if err != nil || cs == nil {
		return err
	}
	concept := cs.Find(c.Code)
	if concept == nil {
		q.answer.NotInCS = cs.Whole()
		return nil
	}
	q.answer.Inactive = concept.Inactive
	if q.answer.Display == "" {
		q.answer.Display = concept.Display
	}
	return nil
}
