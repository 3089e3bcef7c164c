"""The systolic array: closed forms, the register-transfer oracle behind them, and SCALE-Sim's refill rule."""
