package dump

import "strings"

// parser steps through the tokens of a statement.
type parser struct {
	tokens []token
	at     int
}

func (p *parser) done() bool { return p.at >= len(p.tokens) }

// peek is the token that stands here; behind the last one a sign that is none.
func (p *parser) peek() token { return p.ahead(0) }

func (p *parser) ahead(n int) token {
	if p.at+n >= len(p.tokens) {
		return token{kind: punct, text: "\x00"}
	}
	return p.tokens[p.at+n]
}

func (p *parser) next() token {
	t := p.peek()
	p.at++
	return t
}

// take passes over the bare word w, in lower case, if it stands here.
func (p *parser) take(w string) bool {
	if !p.peek().is(w) {
		return false
	}
	p.at++
	return true
}

// take2 passes over two bare words.
func (p *parser) take2(a, b string) bool {
	if !p.peek().is(a) || !p.ahead(1).is(b) {
		return false
	}
	p.at += 2
	return true
}

// sign passes over the sign c if it stands here.
func (p *parser) sign(c byte) bool {
	if !p.peek().sign(c) {
		return false
	}
	p.at++
	return true
}

func (p *parser) ifNotExists() bool {
	if p.take2("if", "not") {
		return p.take("exists")
	}
	return p.take("if") && p.take("exists")
}

// place is where the parser stands in the statement.
func (p *parser) place() int {
	if p.done() && len(p.tokens) > 0 {
		return p.tokens[len(p.tokens)-1].at
	}
	if p.done() {
		return 0
	}
	return p.peek().at
}

// brackets passes over a bracketed expression, which stands here, and returns its first and last token's places.
func (p *parser) brackets() (from, to int, ok bool) {
	if !p.peek().sign('(') {
		return 0, 0, false
	}
	from = p.peek().at
	for depth := 0; !p.done(); {
		t := p.next()
		depth += nesting(t)
		if depth == 0 {
			return from, t.end, true
		}
	}
	return from, from, false
}

// names reads a bracketed list of names; prefix lengths and directions of index columns are passed over. ok is false if an
// expression stands among them.
func (p *parser) names() (list []string, ok bool) {
	if !p.peek().sign('(') {
		return nil, false
	}
	start := p.at
	p.at++
	for !p.done() {
		if !p.peek().named() {
			p.at = start
			_, _, _ = p.brackets()
			return nil, false
		}
		list = append(list, p.next().text)
		p.brackets()
		_ = p.take("asc") || p.take("desc")
		if p.sign(')') {
			return list, true
		}
		if !p.sign(',') {
			p.at = start
			_, _, _ = p.brackets()
			return nil, false
		}
	}
	return nil, false
}

func lower(words ...string) string { return strings.ToLower(strings.Join(words, " ")) }
