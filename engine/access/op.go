package access

import "fmt"

// Op is what a principal wants to do with resources of one type.
type Op uint8

// The operations. The letter is the one of the scope that allows it.
const (
	Read            Op = iota // r
	VRead                     // r
	HistoryInstance           // r
	Create                    // c
	Update                    // u: update and patch
	Delete                    // d
	Search                    // s
	History                   // s: history of a type or of everything
)

var opNames = [...]string{"read", "vread", "history-instance", "create", "update", "delete", "search", "history"}

// String is the name of the operation, as it stands in audit entries and refusals.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("op(%d)", uint8(o))
}

// letters is a set of the letters c, r, u, d, s.
type letters uint8

const (
	letterC letters = 1 << iota
	letterR
	letterU
	letterD
	letterS
)

var opLetters = [...]letters{letterR, letterR, letterR, letterC, letterU, letterD, letterS, letterS}

// needs is the letter that allows the operation. An operation that is not known needs all of them.
func (o Op) needs() letters {
	if int(o) < len(opLetters) {
		return opLetters[o]
	}
	return letterC | letterR | letterU | letterD | letterS
}

// letterOrder is the order in which SMART 2 writes the letters.
const letterOrder = "cruds"

func (l letters) String() string {
	out := make([]byte, 0, len(letterOrder))
	for i := range len(letterOrder) {
		if l&(1<<i) != 0 {
			out = append(out, letterOrder[i])
		}
	}
	return string(out)
}
