from npu_standin.saver import NPUSaver

__all__ = ["NPUSaver"]
