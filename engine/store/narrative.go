package store

import "strings"

// narrative is an XHTML text whose links and images lead to where the bundle's entries are now; "" if none of them means
// an entry. Everything else stays as it is.
func (b *links) narrative(div string) string {
	var out strings.Builder
	done := 0
	for i := strings.IndexByte(div, '<'); i >= 0 && i < len(div); {
		start, end, next := linkIn(div, i)
		if text := b.moved(div[start:end]); text != "" {
			out.WriteString(div[done:start])
			out.WriteString(text)
			done = end
		}
		skip := strings.IndexByte(div[next:], '<')
		if skip < 0 {
			break
		}
		i = next + skip
	}
	if done == 0 {
		return ""
	}
	out.WriteString(div[done:])
	return out.String()
}

// linkIn reads the tag that begins at i: from where to where its link stands (nowhere: both are i), and where the tag ends.
func linkIn(s string, i int) (start, end, next int) {
	if strings.HasPrefix(s[i:], "<!--") {
		if size := strings.Index(s[i:], "-->"); size > 0 {
			return i, i, i + size + 3
		}
		return i, i, len(s)
	}
	wanted := map[string]string{"a": "href", "img": "src"}[tagName(s[i+1:])]
	start, end = i, i
	for at := i + 1; at < len(s); {
		switch c := s[at]; c {
		case '>':
			return start, end, at + 1
		case '"', '\'':
			size := strings.IndexByte(s[at+1:], c)
			if size < 0 {
				return start, end, len(s)
			}
			if wanted != "" && attribute(s[i:at]) == wanted {
				start, end = at+1, at+1+size
			}
			at += size + 2
		default:
			at++
		}
	}
	return start, end, len(s)
}

func tagName(s string) string {
	n := strings.IndexAny(s, " \t\r\n/>")
	if n < 0 {
		return ""
	}
	return s[:n]
}

// attribute is the name that stands before a value: "href" of `<a class="x" href=`.
func attribute(before string) string {
	before, is := strings.CutSuffix(strings.TrimRight(before, " \t\r\n"), "=")
	if !is {
		return ""
	}
	before = strings.TrimRight(before, " \t\r\n")
	return before[strings.LastIndexAny(before, " \t\r\n\"'")+1:]
}
