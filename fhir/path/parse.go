package path

import (
	"github.com/ficushealth/ficus/fault"
)

const (
	maxSource = 32 << 10 // bytes of an expression
	maxNested = 200      // brackets, arguments and signs inside each other
)

// expr is a part of an expression. eval pushes its result on the machine's stack.
type expr interface {
	eval(m *machine) error
	at() int // offset in the source
}

type parser struct {
	lex    lexer
	tok    token // the next one, not yet taken
	nested int
	opt    options
}

func parse(src string, opt options) (expr, error) {
	if len(src) > maxSource {
		return nil, fault.New(fault.TooLarge, "FHIRPath: an expression has at most %d bytes", maxSource)
	}
	p := parser{lex: lexer{src: src}, opt: opt}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokEnd {
		return nil, p.fail("the expression should end here")
	}
	return e, nil
}

func (p *parser) fail(why string) error          { return failure(p.lex.src, p.tok.pos, why) }
func (p *parser) failAt(pos int, w string) error { return failure(p.lex.src, pos, w) }

func (p *parser) advance() (err error) {
	p.tok, err = p.lex.next()
	return err
}

// expect takes the mark.
func (p *parser) expect(m string) error {
	if p.tok.kind != tokMark || p.tok.text != m {
		return p.fail("expected '" + m + "'")
	}
	return p.advance()
}

// deeper bounds recursion.
func (p *parser) deeper(read func() (expr, error)) (expr, error) {
	if p.nested == maxNested {
		return nil, p.fail("nested too deep")
	}
	p.nested++
	e, err := read()
	p.nested--
	return e, err
}

// power is how strongly an operator binds its left side (http://hl7.org/fhirpath/N1/#operator-precedence), 0 if the token is
// no binary operator.
func power(t token) int {
	if t.kind != tokMark && t.kind != tokWord {
		return 0
	}
	switch t.text {
	case "implies":
		return 1
	case "or", "xor":
		return 2
	case "and":
		return 3
	case "in", "contains":
		return 4
	case "=", "~", "!=", "!~":
		return 5
	case "<=", "<", ">", ">=":
		return 6
	case "|":
		return 7
	case "is", "as":
		return 8
	case "+", "-", "&":
		return 9
	case "*", "/", "div", "mod":
		return 10
	case ".", "[":
		return 12
	}
	return 0
}

const signPower = 11

// expression reads as much as operators stronger than min bind together.
func (p *parser) expression(min int) (expr, error) {
	left, err := p.deeper(p.prefix)
	for err == nil {
		op := p.tok
		n := power(op)
		if n <= min {
			return left, nil
		}
		if err = p.advance(); err == nil {
			left, err = p.infix(left, op, n)
		}
	}
	return nil, err
}

func (p *parser) infix(left expr, op token, n int) (expr, error) {
	switch op.text {
	case ".":
		return p.member(left)
	case "[":
		return p.index(left, op)
	case "is", "as":
		spec, err := p.typeName()
		if err != nil {
			return nil, err
		}
		return p.typeTest(op.text, left, spec, op.pos), nil
	}
	right, err := p.expression(n)
	if err != nil {
		return nil, err
	}
	return newBinary(op, left, right), nil
}

// typeTest is the operator or function is, as or ofType.
func (p *parser) typeTest(name string, left expr, spec typeSpec, pos int) expr {
	switch {
	case name == "is":
		return &isExpr{left, spec, pos}
	case name == "as" && !p.opt.r4:
		return &asExpr{left, spec, pos}
	}
	return &ofTypeExpr{left, spec, pos}
}

func (p *parser) index(left expr, open token) (expr, error) {
	i, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	return &indexExpr{left, i, open.pos}, p.expect("]")
}

// prefix reads a term, or a sign and what it governs.
func (p *parser) prefix() (expr, error) {
	if p.tok.kind != tokMark || p.tok.text != "-" && p.tok.text != "+" {
		return p.term()
	}
	op := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expression(signPower)
	if err != nil {
		return nil, err
	}
	return &signExpr{e, op.text == "-", op.pos}, nil
}

func (p *parser) term() (expr, error) {
	t := p.tok
	switch t.kind {
	case tokWord, tokQuoted:
		return p.name(nil)
	case tokMark:
		return p.markTerm(t)
	case tokEnd:
		return nil, p.fail("the expression ends too early")
	}
	return p.literal(t)
}

func (p *parser) markTerm(t token) (expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch t.text {
	case "(":
		e, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	case "{":
		return &constant{pos: t.pos}, p.expect("}")
	case "%":
		return p.variable(t)
	case "$this":
		return &thisExpr{t.pos}, nil
	case "$index":
		return &indexVar{t.pos}, nil
	case "$total":
		return &totalVar{t.pos}, nil
	}
	return nil, p.failAt(t.pos, "an operand is expected here")
}

// variable reads %name, %`name` or %'name'.
func (p *parser) variable(percent token) (expr, error) {
	t := p.tok
	if t.pos != percent.end || t.kind != tokWord && t.kind != tokQuoted && t.kind != tokText {
		return nil, p.fail("a name is expected behind '%'")
	}
	return newVariable(t.text, percent.pos), p.advance()
}

// member reads what stands behind a dot.
func (p *parser) member(left expr) (expr, error) {
	switch {
	case p.tok.kind == tokWord || p.tok.kind == tokQuoted:
		return p.name(left)
	case p.tok.is("$this"), p.tok.is("$index"), p.tok.is("$total"):
		return p.markTerm(p.tok)
	}
	return nil, p.fail("a name is expected behind '.'")
}

// name reads an element's name or a function call; left is nil where it begins a path.
func (p *parser) name(left expr) (expr, error) {
	t := p.tok
	if left == nil && t.kind == tokWord && reserved(t.text) {
		return nil, p.fail("an operand is expected here")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokMark && p.tok.text == "(" {
		return p.call(left, t)
	}
	if b := truthWord(left, t); b != nil {
		return b, nil
	}
	return navigateTo(left, t, p.opt), nil
}

func truthWord(left expr, t token) expr {
	if left != nil || t.kind != tokWord || t.text != "true" && t.text != "false" {
		return nil
	}
	return literalExpr(boolean(t.text == "true"), t.pos)
}

// reserved words cannot begin a path without backticks.
func reserved(w string) bool {
	switch w {
	case "and", "or", "xor", "implies", "div", "mod":
		return true
	}
	return false
}

// arguments reads up to the closing bracket; the opening one is the next token.
func (p *parser) arguments(f *function) ([]expr, error) {
	var args []expr
	if err := p.advance(); err != nil {
		return nil, err
	}
	for p.tok.kind != tokMark || p.tok.text != ")" {
		if len(args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		a, err := p.argument(f)
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	return args, p.advance()
}

func (p *parser) argument(f *function) (expr, error) {
	if !f.types {
		return p.expression(0)
	}
	pos := p.tok.pos
	spec, err := p.typeName()
	return &typeArg{spec, pos}, err
}
