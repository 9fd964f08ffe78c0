/// Servers that speak OpenAI's dialect: most providers, and vLLM, Ollama, llama.cpp and LM Studio.
@NullMarked
package faregate.provider.openai;

import org.jspecify.annotations.NullMarked;
