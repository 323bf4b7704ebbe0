package term

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// Entry is one code of an expansion.
type Entry struct {
	Coding
	Abstract, Inactive bool
	Definition         string
	Designations       []Designation
}

// Ask says what of a value set is wanted.
type Ask struct {
	Filter           string // each word begins a word of a display, also of that in Language, or the whole a code
	Offset, Count    int    // Count -1: all
	ActiveOnly       bool
	Designations     bool
	Definitions      bool
	Language         string            // of the display
	Languages        []string          // languages and uses of the designations that are wanted; empty is all
	ExcludeSystems   []string          // urls whose codes are left out
	Versions         map[string]string // by system: the version where the set names none
	Forced           map[string]string // by system: the version, whatever the set names
	Most             int               // how many codes may be handed out at once; default 10,000
	ExcludeSelection bool              // leaves out concepts that cannot be selected
}

const defaultMost = 10_000

// Expansion is what a value set holds.
type Expansion struct {
	Total   int
	Entries []Entry
	Used    []string // canonical urls, with versions where known, of the code systems drawn on
	Parts   []string // those of which only a part is there, so that other codes may be in the set too
}

// Expand lists a value set in the order of its parts and of their code systems. Faults: Unprocessable where a code system
// or set is not there or sets import each other in circles; TooCostly beyond Ask.Most codes without a Count.
func Expand(lib Library, vs *ValueSet, ask Ask) (Expansion, error) {
	if ask.Most <= 0 {
		ask.Most = defaultMost
	}
	x := &expander{question: question{lib: lib}, ask: ask, words: strings.Fields(fold(ask.Filter)), used: map[string]bool{}}
	if parts(vs) > 1 {
		x.seen = map[[2]string]struct{}{}
	}
	err := x.set(vs, x.take)
	return x.out, err
}

// parts says from how many places codes may come twice.
func parts(vs *ValueSet) int {
	n := len(vs.Include)
	for _, c := range vs.Include {
		n += len(c.Sets)
	}
	return n
}

type expander struct {
	question
	ask   Ask
	words []string
	seen  map[[2]string]struct{}
	used  map[string]bool
	out   Expansion
}

// take keeps what is asked for: of all that match, the page.
func (x *expander) take(e Entry) error {
	if x.ask.ActiveOnly && e.Inactive || x.ask.ExcludeSelection && e.Abstract || !x.matches(e) {
		return nil
	}
	if slices.Contains(x.ask.ExcludeSystems, e.System) {
		return nil
	}
	if x.seen != nil {
		key := [2]string{e.System, e.Code}
		if _, twice := x.seen[key]; twice {
			return nil
		}
		x.seen[key] = struct{}{}
	}
	x.out.Total++
	if x.out.Total <= x.ask.Offset || x.ask.Count >= 0 && len(x.out.Entries) == x.ask.Count {
		return nil
	}
	if len(x.out.Entries) == x.ask.Most {
		return fault.New(fault.TooCostly, "the value set has more than %d codes: ask for a page with count and offset, or with a filter", x.ask.Most)
	}
	x.out.Entries = append(x.out.Entries, x.dressed(e))
	return nil
}

// dressed gives an entry what else is asked for.
func (x *expander) dressed(e Entry) Entry {
	if !x.ask.Designations && x.ask.Language == "" && !x.ask.Definitions {
		e.Designations = nil
		return e
	}
	if cs, err := x.lib.CodeSystem(canonical(e.System, e.Version)); err == nil && cs != nil {
		if c := cs.Find(e.Code); c != nil {
			e.Designations = append(e.Designations, cs.Designations(e.Code)...)
			if x.ask.Definitions {
				e.Definition = c.Definition
			}
		}
	}
	e.Display = InLanguage(e.Display, e.Designations, x.ask.Language)
	if !x.ask.Designations {
		e.Designations = nil
	}
	if len(x.ask.Languages) > 0 {
		e.Designations = slices.DeleteFunc(slices.Clone(e.Designations), func(d Designation) bool {
			return !slices.Contains(x.ask.Languages, d.Language) && !slices.Contains(x.ask.Languages, d.UseSystem+"|"+d.UseCode)
		})
	}
	return e
}

// InLanguage is the name in a language ("de-AT" also finds "de"), or the display where there is none.
func InLanguage(display string, names []Designation, language string) string {
	for tag := language; tag != ""; {
		for _, d := range names {
			if strings.EqualFold(d.Language, tag) {
				return d.Value
			}
		}
		cut := strings.LastIndexByte(tag, '-')
		tag = tag[:max(cut, 0)]
	}
	return display
}

func (x *expander) matches(e Entry) bool {
	if len(x.words) == 0 {
		return true
	}
	if len(x.words) == 1 && strings.HasPrefix(fold(e.Code), x.words[0]) {
		return true
	}
	return x.wordsBegin(e.Display) || x.ask.Language != "" && x.wordsBegin(x.translated(e))
}

func (x *expander) wordsBegin(display string) bool {
	display = fold(display)
	for _, w := range x.words {
		if !beginsWord(display, w) {
			return false
		}
	}
	return true
}

// translated is the display of an entry in the language that is asked for.
func (x *expander) translated(e Entry) string {
	names := e.Designations
	if cs, err := x.lib.CodeSystem(canonical(e.System, e.Version)); err == nil && cs != nil {
		names = slices.Concat(names, cs.Designations(e.Code))
	}
	return InLanguage(e.Display, names, x.ask.Language)
}

// beginsWord reports whether a word of text begins with w.
func beginsWord(text, w string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], w)
		if i < 0 {
			return false
		}
		if i += from; i == 0 || !isAlnum(text[i-1]) && text[i-1] < 0x80 {
			return true
		}
		from = i + 1
	}
}

func (x *expander) set(vs *ValueSet, yield func(Entry) error) error {
	leave, err := x.enter(vs.URL)
	if err != nil {
		return err
	}
	defer leave()
	kept := func(e Entry) error {
		if vs.ActiveOnly && e.Inactive {
			return nil
		}
		out, err := x.anyOf(vs.Exclude, e.Coding)
		switch {
		case err != nil:
			return err
		case out == Unknown:
			return x.unknown(x.answer)
		case out == Yes:
			return nil
		}
		return yield(e)
	}
	for _, e := range vs.Listed {
		if err := kept(e); err != nil {
			return err
		}
	}
	for i := range vs.Include {
		if err := x.include(&vs.Include[i], kept); err != nil {
			return err
		}
	}
	return nil
}

func (x *expander) lacks(url string) error { return x.unknown(Answer{Missing: []string{url}}) }

func (x *expander) unknown(a Answer) error {
	why := a.Why(x.lib)
	if len(a.Lacks) == 0 && endless(a.Missing) {
		why.Code = "too-costly"
	}
	why.Text = "the value set cannot be expanded: " + why.Text
	return fault.At(fault.Unprocessable, why)
}

// include lists one clause: the codes of its system, or of its first set, that are in all its sets.
func (x *expander) include(cl *Clause, yield func(Entry) error) error {
	sets := cl.Sets
	if cl.System == "" {
		first, err := x.library(sets[0])
		if err != nil {
			return err
		}
		return x.set(first, x.inAll(sets[1:], yield))
	}
	return x.system(cl, x.inAll(sets, yield))
}

func (x *expander) library(url string) (*ValueSet, error) {
	vs, err := x.lib.ValueSet(url)
	if err == nil && vs == nil {
		err = x.lacks(url)
	}
	return vs, err
}

func (x *expander) inAll(sets []string, yield func(Entry) error) func(Entry) error {
	if len(sets) == 0 {
		return yield
	}
	return func(e Entry) error {
		for _, url := range sets {
			in, err := x.imported(url, e.Coding)
			switch {
			case err != nil:
				return err
			case in == Unknown:
				return x.unknown(x.answer)
			case in == No:
				return nil
			}
		}
		return yield(e)
	}
}

func (x *expander) system(cl *Clause, yield func(Entry) error) error {
	version := cl.Version
	if version == "" {
		version = x.ask.Versions[cl.System]
	}
	if forced := x.ask.Forced[cl.System]; forced != "" {
		version = forced
	}
	cs, err := x.lib.CodeSystem(canonical(cl.System, version))
	if err != nil {
		return err
	}
	if cl.Concepts != nil {
		return x.choices(cl, cs, yield)
	}
	if cs == nil || cs.Content == "not-present" || cs.Content == "supplement" {
		return x.lacks(canonical(cl.System, version))
	}
	for _, f := range cl.Filters {
		if lack, ok := cs.serves(f); !ok {
			return fault.At(fault.Unprocessable, lack)
		}
	}
	x.use(canonical(cs.URL, cs.Version))
	if !cs.Whole() && !slices.Contains(x.out.Parts, canonical(cs.URL, cs.Version)) {
		x.out.Parts = append(x.out.Parts, canonical(cs.URL, cs.Version))
	}
	for i := range cs.concepts {
		if !selects(cs, cl, int32(i)) {
			continue
		}
		c := &cs.concepts[i]
		e := Entry{Coding: Coding{System: cs.URL, Version: "", Code: c.Code, Display: c.Display}, Abstract: c.Abstract, Inactive: c.Inactive}
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

func selects(cs *CodeSystem, cl *Clause, i int32) bool {
	for _, f := range cl.Filters {
		if !f.match(cs, i) {
			return false
		}
	}
	return true
}

func (x *expander) use(url string) {
	if !x.used[url] {
		x.used[url] = true
		x.out.Used = append(x.out.Used, url)
	}
}

// choices lists codes that are named one by one; where their system is known, it gives the names, and those that it does not
// have are left out (https://hl7.org/fhir/R4/valueset.html#expansion: "check that they are valid").
func (x *expander) choices(cl *Clause, cs *CodeSystem, yield func(Entry) error) error {
	if cs != nil {
		x.use(canonical(cs.URL, cs.Version))
	}
	for _, choice := range cl.Concepts {
		if cs != nil && cs.Has(choice.Code) == No {
			continue
		}
		e := Entry{Coding: Coding{System: cl.System, Version: cl.Version, Code: choice.Code, Display: choice.Display}, Designations: choice.Designations}
		if cs != nil {
			if c := cs.Find(choice.Code); c != nil {
				e.Inactive, e.Abstract = c.Inactive, c.Abstract
				if e.Display == "" {
					e.Display = c.Display
				}
			}
		}
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}
