//! Two or three tensors joined along their channels:
//! `output[y][x][c] = requantize(bias[c] + multiplier[c] · x_k[y][x][c − first_k])`, where k is the operand that has
//! channel c: operand 0 has the first channels, operand 1 those behind, and so on.
//!
//! Operands have the output's height and width, and their channels add up to the output's. `bias[c]` holds
//! −zero_point_k · multiplier\[c\]. So operands of different scales come to one. Rounded once.
