"""Values as Excel has them: converted, compared and combined, alone and in arrays."""
