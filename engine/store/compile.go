package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// compiler turns the clauses of one query into predicates. Times relative to
// now are taken once, so that all pages of a search could agree on them.
type compiler struct {
	ctx   context.Context
	s     *Store
	k     *tenantKeys
	h     index.Hasher
	typ   string
	index int16
	now   int64 // microseconds
	own   *ownParams
	later bool // the search is made some time after it is compiled, and again

	from   asked       // where it looks things up
	terms  Terms       // nil: codes cannot be looked up, as they must not be on the connection of a transaction
	most   int         // how many bodies may be opened in all
	spent  *spent      // by this search, or by the conditions of one write
	beside []predicate // what the resource must meet besides what is being compiled
}

// spent is what a request has used of its bounds, all its conditions together.
type spent struct {
	opened int // bodies that were opened to know what is asked
	codes  int // that stand for what is asked
}

func (s *Store) compiler(ctx context.Context, tenant int32, typ string) (*compiler, error) {
	i, known := typeIndex(typ)
	if !known {
		return nil, unknownType(typ)
	}
	k, err := s.keys(ctx, tenant)
	if err != nil {
		return nil, err
	}
	own, err := s.params(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return &compiler{ctx: ctx, s: s, k: k, h: k.hasher, typ: typ, index: i, now: s.now().UnixMicro(), own: own, from: s.db, terms: s.terms, most: maxWeighed, spent: &spent{}}, nil
}

// left is how many bodies may still be opened.
func (c *compiler) left() int { return max(0, c.most-c.spent.opened) }

// maxProbes bounds a query's look-ups, so that every query stays within what
// both databases take in one statement.
const maxProbes = 400

func (c *compiler) clauses(list []search.Clause) ([]predicate, error) {
	out, err := c.conjunction(list)
	if err != nil {
		return nil, err
	}
	probes := 0
	for i, p := range out {
		if probes += p.size(); probes > maxProbes {
			return nil, fault.At(fault.Invalid, fault.Issue{Code: "too-costly", Expression: "http." + search.Printable(list[i].Name),
				Text: "the search has too many alternatives; ask in several smaller ones"})
		}
	}
	return out, nil
}

func (c *compiler) list(list []search.Clause) ([]predicate, error) {
	out := make([]predicate, 0, len(list))
	for _, k := range list {
		p, err := c.clause(k)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// conjunction is list where all must hold, so that those for which resources have to be read come behind the others, and
// only what meets these is read.
func (c *compiler) conjunction(list []search.Clause) ([]predicate, error) {
	out, there := make([]predicate, len(list)), *c
	there.beside = slices.Clip(c.beside)
	for _, late := range []bool{false, true} {
		for i, k := range list {
			if alongURLs(k) != late {
				continue
			}
			p, err := there.clause(k)
			if err != nil {
				return nil, err
			}
			if out[i] = p; !late {
				there.beside = append(there.beside, p)
			}
		}
	}
	return out, nil
}

func (c *compiler) clause(k search.Clause) (p predicate, err error) {
	if k.Type != "" && k.Type != c.typ { // of another type of a search over several
		return predicate{form: search.Any}, nil
	}
	switch k.Form {
	case search.Join:
		return c.join(k)
	case search.All:
		p.form = k.Form
		p.sub, err = c.conjunction(k.Sub)
		return p, err
	case search.Within:
		return c.member(k.Compartment), nil
	case search.Any, search.None:
		p.form = k.Form
		p.sub, err = c.list(k.Sub)
		return p, err
	}
	return c.compare(k)
}

func (c *compiler) compare(k search.Clause) (predicate, error) {
	if k.Modifier == search.Missing {
		return c.missing(k), nil
	}
	if parts := index.Instead(c.typ, k.Code); parts != nil {
		return c.instead(k, parts)
	}
	p := predicate{negated: k.Modifier == search.Not || k.Modifier == search.NotIn}
	if k.Code == "_id" && len(k.Values) > 1 {
		p.probes = []probe{{table: "resource", where: []test{c.live(), c.anyID(k.Values)}}}
		return p, nil
	}
	if hashes := c.plainCodes(k); len(hashes) > maxBranches {
		p.probes = []probe{{table: "ix_token", where: []test{hashed(hashes...)}}}
		return p, nil
	}
	for _, v := range k.Values {
		probes, err := c.value(k, v)
		if err != nil {
			return predicate{}, err
		}
		p.probes = append(p.probes, probes...)
	}
	return p, nil
}

// instead asks the parameters that have the rows of one that has none.
func (c *compiler) instead(k search.Clause, parts []r4.Param) (all predicate, err error) {
	for _, part := range parts {
		k.Code, k.Param = part.Code, part
		p, err := c.compare(k)
		if err != nil {
			return predicate{}, err
		}
		all.negated, all.probes = p.negated, append(all.probes, p.probes...)
	}
	return all, nil
}

// missing looks at the column that lists which parameters have a value.
func (c *compiler) missing(k search.Clause) predicate {
	if k.Code == "_id" || k.Code == "_lastUpdated" { // every resource has them
		return predicate{negated: k.Missing, probes: []probe{{table: "resource", where: []test{c.live()}}}}
	}
	p := c.present(string(presentRune(k.Param.ID)))
	p.negated = k.Missing
	return p
}

// present finds what has a value of the parameter with that mark.
func (c *compiler) present(mark string) predicate {
	has := test{text: db.Text{SQLite: "instr(x.present, ?) > 0", Postgres: "strpos(x.present, ?) > 0"}, args: []any{mark}}
	return predicate{probes: []probe{{table: "resource", where: []test{c.live(), has}}}}
}

// anyID and plainCodes make one look-up of a list of alternatives, which may be long.
func (c *compiler) anyID(values []search.Value) test {
	ids := make([]any, len(values))
	for i, v := range values {
		ids[i] = v.Code
	}
	return oneOf("x.id", ids)
}

// plainCodes are the keys of a list of codes of any system; nil if the list has others.
func (c *compiler) plainCodes(k search.Clause) []any {
	var out []any
	for _, v := range k.Values {
		if k.Param.Type != "token" || k.Modifier != search.NoModifier && k.Modifier != search.Not || v.HasSystem {
			return nil
		}
		out = append(out, c.h.TokenCode(c.typ, k.Code, v.Code))
	}
	return out
}

func oneOf(column string, values []any) test {
	if len(values) == 1 {
		return where(column+" = ?", values...)
	}
	return where(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
}

// live limits table resource to what a search of the type may find.
func (c *compiler) live() test { return where("x.type = ? AND NOT x.deleted", c.index) }

func (c *compiler) value(k search.Clause, v search.Value) ([]probe, error) {
	switch k.Code {
	case "_id":
		return []probe{{table: "resource", where: []test{c.live(), where("x.id = ?", v.Code)}}}, nil
	case "_lastUpdated":
		return []probe{{table: "resource", where: []test{c.live(), where("x.version > 0"), c.moments(k, v, "x.updated", "x.updated")}}}, nil
	}
	if k.Code == "_text" || k.Code == "_content" {
		return c.special(k, v)
	}
	switch k.Param.Type {
	case "token":
		return c.token(k, v)
	case "string":
		return c.text(k, v)
	case "uri":
		return c.uri(k, v)
	case "reference":
		return c.reference(k, v)
	case "date":
		return []probe{c.date(c.h.Param(c.typ, k.Code), k, v)}, nil
	case "number", "quantity":
		return c.number(c.h.Param(c.typ, k.Code), v)
	case "composite":
		return c.composite(k, v)
	case "special":
		return c.special(k, v)
	}
	return nil, c.cannot(k, "cannot be searched by value")
}

// cannot refuses a clause.
func (c *compiler) cannot(k search.Clause, why string) error {
	return c.refused(k, "not-supported", why)
}

func (c *compiler) refused(k search.Clause, code, why string) error {
	name := search.Printable(k.Name)
	return fault.At(fault.Invalid, fault.Issue{Code: code, Text: "search parameter " + name + " " + why, Expression: "http." + name})
}

func byHash(table string, hash int64, more ...test) probe {
	coded := table == "ix_token"
	return probe{table: table, where: append([]test{hashed(hash)}, more...), walk: coded, sweep: !coded}
}

func (c *compiler) token(k search.Clause, v search.Value) ([]probe, error) {
	switch {
	case k.Modifier == search.Text:
		return c.named(k, v)
	case k.Modifier == search.OfType:
		return []probe{byHash("ix_token", c.h.OfType(c.typ, k.Code, v.System, v.Code, v.Text))}, nil
	case conceptual(k):
		return c.concepts(k, v)
	}
	if v.HasSystem && v.Code == "" {
		return c.ofSystem(k, v.System), nil
	}
	return []probe{c.byCode(k.Code, v)}, nil
}

// ofSystem looks for any code of a system.
func (c *compiler) ofSystem(k search.Clause, system string) []probe {
	if codes, ok := index.ClosedSystem(c.typ, k.Param, system); ok {
		return c.closed(k.Code, system, codes)
	}
	return []probe{c.byCode(k.Code, search.Value{HasSystem: true, System: system})}
}

// closed looks up every code of a system where they are known; none of them has a row for the system.
func (c *compiler) closed(param, system string, codes []string) (out []probe) {
	list := make([]Code, len(codes))
	for i, code := range codes {
		list[i] = Code{system, code}
		out = append(out, c.byCode(param, search.Value{HasSystem: true, System: system, Code: code}))
	}
	if len(codes) > maxBranches {
		return c.anyCode(param, list)
	}
	return out
}

// byCode looks a code up, of any system, of one, or of none; or any code of a system.
func (c *compiler) byCode(code string, v search.Value) probe {
	switch {
	case !v.HasSystem:
		return byHash("ix_token", c.h.TokenCode(c.typ, code, v.Code))
	case v.Code == "":
		return byHash("ix_token", c.h.TokenSystem(c.typ, code, v.System))
	}
	return byHash("ix_token", c.h.TokenCode(c.typ, code, v.Code), where("x.system = ?", c.h.Unit(v.System)))
}

func (c *compiler) text(k search.Clause, v search.Value) ([]probe, error) {
	hash := c.h.Param(c.typ, k.Code)
	if k.Modifier == search.Exact {
		p := byHash("ix_string", hash, where("x.value = ? AND x.exact = ?", index.Cut(index.Normalize(v.Text)), c.h.Unit(v.Text)))
		p.ranged = true
		return []probe{p}, nil
	}
	folded, err := c.folded(k, v.Text)
	if err != nil {
		return nil, err
	}
	switch k.Modifier {
	case search.Contains:
		return []probe{byHash("ix_string", hash, inside(folded))}, nil
	case search.Ends:
		return []probe{byHash("ix_string", hash, ending(folded))}, nil
	case search.Whole:
		return []probe{byHash("ix_string", hash, where("x.value "+comparison(v.Prefix)+" ?", folded))}, nil
	}
	return []probe{beginning(hash, folded)}, nil
}

// beginning looks up the strings that begin with s.
func beginning(hash int64, s string) probe {
	p := byHash("ix_string", hash, prefixed(s))
	p.ranged = true
	return p
}

// folded is a string to look for without case and marks. Nothing would find everything, and what is longer than an index
// row would find too much.
func (c *compiler) folded(k search.Clause, text string) (string, error) {
	s := index.Normalize(text)
	switch {
	case s == "":
		return "", c.cannot(k, "needs something to compare: spaces and marks alone are left out")
	case len(s) > index.MaxString:
		return "", c.cannot(k, fmt.Sprintf("compares the first %d bytes of a string; ask for no more", index.MaxString))
	}
	return s, nil
}

func inside(s string) test {
	return test{text: db.Text{SQLite: "instr(x.value, ?) > 0", Postgres: "strpos(x.value, ?) > 0"}, args: []any{s}}
}

func ending(s string) test {
	if s == "" {
		return where("x.value >= ?", s)
	}
	return test{text: db.Text{SQLite: "substr(x.value, -(?)) = ?", Postgres: "right(x.value, ?) = ?"}, args: []any{utf8.RuneCountInString(s), s}}
}

// comparison is the operator of SQL that a prefix stands for.
func comparison(p search.Prefix) string {
	switch p {
	case search.Ne:
		return "<>"
	case search.Gt:
		return ">"
	case search.Lt:
		return "<"
	case search.Ge:
		return ">="
	case search.Le:
		return "<="
	}
	return "="
}

// prefixed matches values that begin with s: a range of the index.
func prefixed(s string) test {
	if end := successor(s); end != "" {
		return where("x.value >= ? AND x.value < ?", s, end)
	}
	return where("x.value >= ?", s)
}

// successor is the least string behind all that begin with s, in the order of
// bytes and still UTF-8; empty if there is none.
func successor(s string) string {
	r := []rune(s)
	for i := len(r) - 1; i >= 0; i-- {
		switch {
		case r[i] == 0xd7ff:
			return string(r[:i]) + "\ue000"
		case r[i] < 0x10ffff:
			return string(r[:i]) + string(r[i]+1)
		}
	}
	return ""
}

func (c *compiler) uri(k search.Clause, v search.Value) ([]probe, error) {
	hash, same := c.h.Param(c.typ, k.Code), byHash("ix_token", c.h.URI(c.typ, k.Code, v.Text))
	if index.SharesURI(c.typ, k.Param) {
		return c.sharedURI(k, v, hash, same)
	}
	switch k.Modifier {
	case search.Below:
		return []probe{beginning(hash, under(v.Text)), same}, nil
	case search.Above:
		keys, err := c.above(k, v.Text)
		if err != nil {
			return nil, err
		}
		return []probe{{table: "ix_token", where: []test{hashed(keys...)}}}, nil
	case search.Contains:
		return []probe{byHash("ix_string", hash, inside(v.Text))}, nil
	case search.Begins:
		return []probe{beginning(hash, v.Text)}, nil
	case search.Ends:
		return []probe{byHash("ix_string", hash, ending(v.Text))}, nil
	}
	return []probe{same}, nil
}

// under is how the urls below another begin.
func under(url string) string { return strings.TrimSuffix(url, "/") + "/" }

// sharedURI is uri for what has no rows of its own but is listed.
func (c *compiler) sharedURI(k search.Clause, v search.Value, list int64, same probe) ([]probe, error) {
	switch k.Modifier {
	case search.Below:
		below, err := c.sharing(list, prefixed(under(v.Text)))
		return append(below, same), err
	case search.Contains:
		return c.sharing(list, inside(v.Text))
	case search.Begins:
		return c.sharing(list, prefixed(v.Text))
	case search.Ends:
		return c.sharing(list, ending(v.Text))
	case search.Above:
		keys, err := c.above(k, v.Text)
		return []probe{{table: "ix_token", where: []test{hashed(keys...)}}}, err
	}
	return []probe{same}, nil
}

// maxPath is how many segments a URL may have of which it is asked what it lies under.
const maxPath = 50

// above are the keys of a URL and of all that its path lies under (https://hl7.org/fhir/R4/search.html#uri). Faults:
// Invalid for a path of more than maxPath segments, of which a part would be taken for the whole.
func (c *compiler) above(k search.Clause, url string) ([]any, error) {
	keys := []any{c.h.URI(c.typ, k.Code, url)}
	start := 1 // of the path; a relative one has no host before it
	if i := strings.Index(url, "://"); i >= 0 {
		start = i + len("://")
	}
	for cut := strings.LastIndexByte(url, '/'); cut >= start; cut = strings.LastIndexByte(url, '/') {
		if len(keys) > 2*maxPath {
			return nil, c.cannot(k, fmt.Sprintf("takes a path of at most %d segments", maxPath))
		}
		keys = append(keys, c.h.URI(c.typ, k.Code, url[:cut+1]), c.h.URI(c.typ, k.Code, url[:cut]))
		url = url[:cut]
	}
	return keys, nil
}

// reference finds the target's number inside the statement, so that a search by reference is one round trip.
func (c *compiler) reference(k search.Clause, v search.Value) ([]probe, error) {
	switch k.Modifier {
	case search.Identifier:
		return []probe{c.byCode(index.IdentifierParam(k.Code), v)}, nil
	case search.Above, search.Below:
		return c.family(k, v)
	}
	return c.refers(k, v), nil
}

func (c *compiler) refers(k search.Clause, v search.Value) []probe {
	ref := v.Ref
	local := func() []probe {
		return c.local(k, ref, func(typ string) int64 { return c.h.Refers(c.typ, k.Code, typ) })
	}
	if ref.Kind == fhir.RefAbsolute && c.s.base != "" && ref.Base == c.s.base { // or the canonical URL of one of ours
		ref.Kind = fhir.RefRelative
		return append(local(), byHash("ix_token", c.h.URI(c.typ, k.Code, v.Text)))
	}
	switch ref.Kind {
	case fhir.RefRelative:
		return local()
	case fhir.RefAbsolute:
		return []probe{byHash("ix_token", foreign(c.h.Refers(c.typ, k.Code, ref.Type), v.Text).Hash), byHash("ix_token", c.h.URI(c.typ, k.Code, v.Text))}
	}
	return []probe{byHash("ix_token", c.h.URI(c.typ, k.Code, v.Text))}
}

// local looks up the references to a resource of this server; key is that of the rows that point to a type.
func (c *compiler) local(k search.Clause, ref fhir.Ref, key func(typ string) int64) []probe {
	var out []probe
	for _, typ := range targetTypes(k, ref) {
		hash := key(typ)
		i, ok := typeIndex(typ)
		if !ok {
			continue
		}
		at := where("x.target = (SELECT MAX(t.rid) FROM resource t WHERE t.tenant = $1 AND t.type = ? AND t.id = ?)", i, ref.ID)
		out = append(out, probe{table: "ix_ref", where: []test{at, where("x.hash = ?", hash)}, walk: true})
		if innerWorld(c.typ) != "" { // the target may stand in the resource itself
			out = append(out, byHash("ix_token", foreign(hash, typ+"/"+ref.ID).Hash))
		}
	}
	if len(out) == 0 {
		return []probe{{table: "resource", where: []test{where("x.rid < ?", 0)}}}
	}
	return out
}

// targetTypes are the types that a reference value may mean: a bare id means any that the parameter points to.
func targetTypes(k search.Clause, ref fhir.Ref) []string {
	switch {
	case k.Target != "":
		return []string{k.Target}
	case ref.Type != "":
		return []string{ref.Type}
	case len(k.Param.Targets) > 0:
		return k.Param.Targets
	}
	return r4.Resources()
}

func (c *compiler) date(hash int64, k search.Clause, v search.Value) probe {
	p := byHash("ix_date", hash, c.moments(k, v, "x.lo", "x.hi"))
	p.ranged = k.Modifier != search.Overlaps && v.Prefix == search.Eq
	return p
}

func (c *compiler) moments(k search.Clause, v search.Value, lo, hi string) test {
	if k.Modifier == search.Overlaps {
		return where(hi+" >= ? AND "+lo+" <= ?", v.Lo, v.Hi)
	}
	return c.span(v, lo, hi)
}

// span compares a resource's [lo, hi] with the one asked for (https://hl7.org/fhir/R4/search.html#prefix).
func (c *compiler) span(v search.Value, lo, hi string) test {
	within := lo + " >= ? AND " + lo + " <= ? AND " + hi + " <= ?" // lo is never behind hi: with both bounds it is one piece of the index
	switch v.Prefix {
	case search.Ne:
		return where("("+lo+" < ? OR "+hi+" > ?)", v.Lo, v.Hi)
	case search.Gt:
		return where(hi+" > ?", v.Hi)
	case search.Lt:
		return where(lo+" < ?", v.Lo)
	case search.Ge:
		return where("("+hi+" > ? OR "+within+")", v.Hi, v.Lo, v.Hi, v.Hi)
	case search.Le:
		return where("("+lo+" < ? OR "+within+")", v.Lo, v.Lo, v.Hi, v.Hi)
	case search.Sa:
		return where(lo+" > ?", v.Hi)
	case search.Eb:
		return where(hi+" < ?", v.Lo)
	case search.Ap:
		return c.near(v, lo, hi)
	}
	return where(within, v.Lo, v.Hi, v.Hi)
}

// near widens the range by a tenth of its distance from now, as the standard suggests.
func (c *compiler) near(v search.Value, lo, hi string) test {
	gap := math.Abs(float64(c.now)-float64(v.Lo)/2-float64(v.Hi)/2) / 10
	return where(hi+" >= ? AND "+lo+" <= ?", widened(v.Lo, -gap), widened(v.Hi, gap))
}

func widened(at int64, by float64) int64 {
	return int64(max(-9.2e18, min(9.2e18, float64(at)+by)))
}

// number looks a number or quantity up; a quantity in a unit of UCUM also in all other units that measure the same.
func (c *compiler) number(hash int64, v search.Value) ([]probe, error) {
	if v.UnitSystem == index.UCUM && v.UnitCode != "" {
		return c.inAllUnits(hash, v)
	}
	return []probe{c.amount(hash, v)}, nil
}

func (c *compiler) amount(hash int64, v search.Value) probe {
	p := byHash("ix_number", hash, bounds(v))
	p.ranged = v.Prefix == search.Eq
	if v.UnitSystem != "" {
		p.where = append(p.where, where("x.system = ?", c.h.Unit(v.UnitSystem)))
	}
	if v.UnitCode != "" {
		p.where = append(p.where, where("x.code = ?", c.h.Unit(v.UnitCode)))
	}
	return p
}

func bounds(v search.Value) test {
	switch v.Prefix {
	case search.Ne:
		return where("(x.lo < ? OR x.hi > ?)", v.NumLo, v.NumHi)
	case search.Gt:
		return where("x.hi > ?", v.Num)
	case search.Lt:
		return where("x.lo < ?", v.Num)
	case search.Ge:
		return where("x.hi >= ?", v.Num)
	case search.Le:
		return where("x.lo <= ?", v.Num)
	case search.Sa:
		return where("x.lo > ?", v.Num)
	case search.Eb:
		return where("x.hi < ?", v.Num)
	case search.Ap:
		return where("x.hi >= ? AND x.lo <= ?", v.NumLo, v.NumHi)
	}
	return where("x.lo >= ? AND x.lo <= ? AND x.hi <= ?", v.NumLo, v.NumHi, v.NumHi)
}
