package validate

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// pass goes through one resource by its definitions.
type pass struct {
	*Validator
	*walk
	told  map[told]bool // what was said once is not said again, whichever profile finds it
	quiet int           // above 0: only counts, to see whether something would match
	miss  int           // errors counted
	hear  int           // the quiet at which the first error is kept
	why   string        // that error
	left  int           // steps until it gives up
	scope *scope
	busy  []claim          // profiles that are being checked
	met   map[claim]bool   // what targets of references have been found to meet
	unmet map[claim]string // the first reason

	heirs   map[*profile]bool // whose slicing has been inherited
	slicing map[*node]*node   // of elements that a differential slices: the element of the base that says how
}

// told is one issue at one place.
type told struct {
	at   int
	code string
	text string
}

// claim is a resource that is being checked against a profile.
type claim struct {
	v   fhir.Value
	url string
}

// mostSteps bounds what one resource may cost: beyond it the rest is not checked, and the resource not passed as valid.
const mostSteps = 3_000_000

// scope is the resource in which the pass is.
type scope struct {
	outer  *scope
	v      fhir.Value
	t      *r4.TypeInfo
	bundle *bundled // of the bundle around it
	entry  int      // its place there
	inside bool     // it is contained
	ctx    *path.Context
	ids    map[string]bool // of its elements
}

func (p *pass) start(r fhir.Resource, profiles []string) {
	t := r4.Lookup(r.Type())
	it := item{v: r.Value, t: t}
	for _, url := range profiles {
		p.require(it, url)
	}
	p.resourceIn(it, false)
}

// require checks a resource against a profile that the caller names.
func (p *pass) require(it item, url string) {
	leave := p.enterResource(it, false)
	defer leave()
	p.against(it, url, true)
}

// enterResource makes the resource the one that expressions speak of.
func (p *pass) enterResource(it item, inside bool) (leave func()) {
	s := &scope{outer: p.scope, v: it.v, t: it.t, inside: inside}
	if s.outer != nil {
		s.bundle, s.entry = s.outer.bundle, s.outer.entry
	}
	if it.t != nil && it.t.Name == "Bundle" {
		s.bundle = p.readBundle(it.v)
	}
	p.scope = s
	return func() { p.scope = s.outer }
}

func (p *pass) expressions() *path.Context {
	s := p.scope
	if s.ctx != nil {
		return s.ctx
	}
	self := path.At(s.v, fhir.Value{}, s.t, nil)
	s.ctx = &path.Context{Resource: self, Outer: self, MaxSteps: ruleSteps, Resolve: p.find, MemberOf: p.memberOf, Conforms: p.conformsTo, Done: p.walk.Done()}
	if s.inside && s.outer != nil {
		s.ctx.Outer = path.At(s.outer.v, fhir.Value{}, s.outer.t, nil)
	}
	return s.ctx
}

func (p *pass) step() bool {
	if p.left--; p.left == 0 {
		p.quiet = 0
		p.tell(failure, "too-costly", p.root, "gave up: the profiles ask for more than can be checked on a resource of this size")
	}
	return p.left > 0 && !p.Late(1)
}

// tell says something once.
func (p *pass) tell(l level, code string, at fhir.Value, text string, args ...any) {
	if l == failure {
		p.miss++
	}
	if p.quiet > 0 {
		if l == failure && p.quiet == p.hear && p.why == "" {
			p.why = sprintf(text, args)
		}
		return
	}
	if !at.Exists() {
		at = p.root
	}
	start, _ := at.Span(p.root)
	i := fault.Issue{Code: code, Text: sprintf(text, args), Expression: p.place()}
	key := told{start, code, i.Expression + "\x00" + i.Text}
	if p.told[key] || p.full(l) {
		return
	}
	p.told[key] = true
	i.Text += p.asker()
	p.add(l, i, p.root, at)
}

// asker names the profile that asks for what is being checked. It is no part of what was told: what several profiles ask for is
// told once, in the name of the first.
func (p *pass) asker() string {
	if len(p.busy) == 0 {
		return ""
	}
	return " (profile " + shown(p.busy[len(p.busy)-1].url) + ")"
}

// tellStrictly is an error for those who ask for the rules of the reference validator, a warning else.
func (p *pass) tellStrictly(code string, at fhir.Value, text string, args ...any) {
	if p.Strict {
		p.tell(failure, code, at, text, args...)
		return
	}
	p.tell(warning, code, at, text, args...)
}

// would reports whether a check finds no error, without saying anything.
func (p *pass) would(check func()) bool {
	before := p.miss
	p.quiet++
	check()
	p.quiet--
	ok := p.miss == before
	p.miss = before
	return ok
}

// because is would, with the first error.
func (p *pass) because(check func()) (ok bool, why string) {
	hear, before := p.hear, p.why
	p.hear, p.why = p.quiet+1, ""
	ok = p.would(check)
	why, p.hear, p.why = p.why, hear, before
	return ok, why
}
