package sweep

// SelectByDigits is how many values are searched.
var SelectByDigits = selectByDigits
