package play

// Model is a challenge's model answer.
func Model(c Challenge) (ls []GameStep) {
	for _, l := range c.model {
		ls = append(ls, GameStep{l.at, l.do})
	}
	return ls
}
