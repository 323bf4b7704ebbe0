package dump

import "strings"

// options are those of a table or a database that matter here.
type options struct {
	charset   string
	comment   string
	versioned bool
}

// read takes one option, if one of those stands here: [DEFAULT] CHARSET [=] x, COLLATE [=] x, COMMENT [=] 'x', WITH SYSTEM
// VERSIONING.
func (o *options) read(p *parser) bool {
	p.take("default")
	switch {
	case p.take("charset"), p.take2("character", "set"):
		p.sign('=')
		o.charset = charsetName(p.next().text)
	case p.take("collate"):
		p.sign('=')
		if cs := collationCharset(p.next().text); o.charset == "" || cs == "binary" {
			o.charset = cs
		}
	case p.take("comment"):
		p.sign('=')
		o.comment = p.next().text
	case p.take2("with", "system"):
		o.versioned = true
	default:
		return false
	}
	return true
}

// charsetName is the name in lower case; utf8 is an old name of utf8mb3.
func charsetName(s string) string {
	if s = strings.ToLower(s); s == "utf8" {
		return "utf8mb3"
	}
	return s
}

// collationCharset is the character set of a collation: latin1 of latin1_swedish_ci.
func collationCharset(collation string) string {
	cs, _, _ := strings.Cut(strings.ToLower(collation), "_")
	if cs == "uca1400" { // MariaDB's short names leave the character set out
		return ""
	}
	return charsetName(cs)
}
